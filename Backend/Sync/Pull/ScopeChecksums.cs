using System.Buffers;
using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using Backend.Records;

namespace Backend.Sync.Pull;

/// <summary>
/// Makes checksums by which a client finds out whether its copy is the server's: for each collection the number of
/// records, and the sum of their hashes, in which order they come.
/// </summary>
internal sealed class ScopeChecksums(RecordAccess access, IRecordStore store)
{
    private const int PageSize = 1_000;

    /// <returns>By collection; null when the scope has more records than the limit.</returns>
    /// <param name="entered">Who asks, and where: only what the caller may read counts.</param>
    /// <param name="includes">Whether a collection was asked for.</param>
    /// <param name="limit">The most records to make them of.</param>
    /// <param name="ct">Cancels the read.</param>
    public async Task<IReadOnlyList<CollectionChecksum>?> ComputeAsync(
        ScopeAccess entered, Func<string, bool> includes, int limit, CancellationToken ct)
    {
        // A record that is written while its scope is read comes again; the last time counts.
        var hashes = new Dictionary<RecordKey, UInt128>();
        ChangePage page = new([], null, HasMore: true);
        while (page.HasMore)
        {
            page = await store.ReadChangesAsync(entered.Scope, page.Position, PageSize, ct);
            foreach (var record in page.Records.Where(record => includes(record.Key.Collection)))
            {
                hashes.Remove(record.Key);
                if (access.CanRead(entered, record))
                {
                    hashes.Add(record.Key, HashOf(record));
                }
            }

            if (hashes.Count > limit)
            {
                return null;
            }
        }

        return
        [
            .. hashes.GroupBy(hash => hash.Key.Collection, hash => hash.Value, StringComparer.Ordinal)
                .OrderBy(group => group.Key, StringComparer.Ordinal)
                .Select(group => new CollectionChecksum(group.Key, group.Count(), Sum(group))),
        ];
    }

    /// <summary>The first half of SHA-256 over the record's canonical JSON (RFC 8785), as a number.</summary>
    private static UInt128 HashOf(StoredRecord record)
    {
        var buffer = new ArrayBufferWriter<byte>(1024);
        RecordJson.Write(buffer, record, forSync: true);
        return BinaryPrimitives.ReadUInt128BigEndian(SHA256.HashData(CanonicalJson.Of(buffer.WrittenMemory)));
    }

    private static string Sum(IEnumerable<UInt128> hashes) =>
        hashes.Aggregate(UInt128.Zero, static (sum, hash) => unchecked(sum + hash)).ToString("x32", CultureInfo.InvariantCulture);
}

/// <param name="Collection">The collection.</param>
/// <param name="Count">How many of its records the client should have.</param>
/// <param name="Hash">The sum of their hashes modulo 2^128, 32 hexadecimal digits.</param>
internal sealed record CollectionChecksum(string Collection, int Count, string Hash);
