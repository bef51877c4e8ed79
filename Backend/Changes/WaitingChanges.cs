using System.Security.Cryptography;
using System.Text;
using Backend.Records;
using Microsoft.Extensions.Options;

namespace Backend.Changes;

/// <summary>
/// What a handler has not been told yet of a scope, because something before it failed: one internal record for each
/// scope and handler, as long as something waits.
/// </summary>
internal sealed class WaitingChanges(IRecordStore store, IOptions<ChangeOptions> options, TimeProvider time)
{
    public const string Collection = "$waiting_changes";

    /// <summary>Null when nothing waits.</summary>
    public async Task<WaitingList?> FindAsync(Scope scope, string handler, CancellationToken ct) =>
        await store.FindAsync(KeyOf(scope, handler), ct) is { } found ? WaitingList.Read(found) : null;

    /// <summary>Puts changes at the end of those that wait; a record that waits already moves there.</summary>
    public async Task<WaitingList> AddAsync(Scope scope, string handler, IEnumerable<RecordKey> changed, CancellationToken ct)
    {
        var keys = changed.ToList();
        var key = KeyOf(scope, handler);
        while (true)
        {
            if (await FindAsync(scope, handler, ct) is { } list)
            {
                if (await ReplaceAsync(list.Add(keys, options.Value.MaxWaitingRecords), ct) is { } added)
                {
                    return added;
                }

                continue;
            }

            var now = time.GetUtcNow();
            var record = new StoredRecord
            {
                Key = key,
                Owner = "",
                CreatedAt = now,
                UpdatedAt = now,
                Fields = RecordFields.Empty,
            };
            var first = WaitingList.Start(record, handler).Add(keys, options.Value.MaxWaitingRecords);
            if (await store.CreateAsync(first.ToRecord(now), ct) is WriteOutcome.Written written)
            {
                return WaitingList.Read(written.Record);
            }
        }
    }

    /// <summary>Stores a changed list; null when it is not the latest any more.</summary>
    public async Task<WaitingList?> ReplaceAsync(WaitingList list, CancellationToken ct) =>
        await store.ReplaceAsync(list.ToRecord(time.GetUtcNow()), list.Stored.ETag, ct) is WriteOutcome.Written written
            ? WaitingList.Read(written.Record)
            : null;

    /// <summary>Takes out what was delivered, whatever has been put in since; null when the list is gone.</summary>
    public async Task<WaitingList?> RemoveAsync(WaitingList list, IReadOnlySet<long> delivered, CancellationToken ct)
    {
        var latest = list;
        while (delivered.Count > 0)
        {
            if (await ReplaceAsync(latest.Remove(delivered), ct) is { } written)
            {
                return written;
            }

            if (await FindAsync(list.Stored.Key.Scope, list.Handler, ct) is not { } found || found.Generation != list.Generation)
            {
                return null;
            }

            latest = found;
        }

        return latest;
    }

    /// <summary>Ends a list that was read empty; false when something has been put in since.</summary>
    public async Task<bool> TryEndAsync(WaitingList list, CancellationToken ct)
    {
        var now = time.GetUtcNow();
        return await store.ReplaceAsync(list.ToRecord(now) with { ExpiresAt = now }, list.Stored.ETag, ct) is WriteOutcome.Written;
    }

    /// <summary>Names are the code's to choose, ids of records are not as free.</summary>
    private static RecordKey KeyOf(Scope scope, string handler)
    {
        var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(handler)).AsSpan(0, 16));
        return RecordId.TryParse(hash, out var id)
            ? new RecordKey(scope, Collection, id)
            : throw new InvalidOperationException($"{hash} is no id.");
    }
}
