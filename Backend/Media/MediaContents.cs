using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Backend.Records;

namespace Backend.Media;

/// <summary>
/// Which media record has which content, for each owner within a scope. An entry is a hint: it counts only while the
/// record that it names says the same.
/// </summary>
internal sealed class MediaContents(IRecordStore store, MediaRecords records, TimeProvider time)
{
    private const string Collection = "$media-contents";

    /// <summary>A ready media record of that owner with that content; null when there is none.</summary>
    /// <param name="scope">Where to look.</param>
    /// <param name="owner">Whose.</param>
    /// <param name="hash">SHA-256 in lower-case hex.</param>
    /// <param name="ct">Cancels.</param>
    public async Task<RecordId?> FindAsync(Scope scope, string owner, string hash, CancellationToken ct) =>
        await store.FindAsync(KeyOf(scope, owner, hash), ct) is { Deleted: false } entry
            && MediaOf(entry) is { } id
            && await IsCurrentAsync(scope, id, hash, ct)
            ? id
            : null;

    /// <summary>Says that a record has that content, unless another one said so before and still has it.</summary>
    public async Task RegisterAsync(Scope scope, string owner, string hash, RecordId media, CancellationToken ct)
    {
        var now = time.GetUtcNow();
        var record = new StoredRecord
        {
            Key = KeyOf(scope, owner, hash),
            Owner = owner,
            CreatedAt = now,
            UpdatedAt = now,
            Fields = new RecordFields(JsonSerializer.SerializeToUtf8Bytes(
                new ContentEntry(media.Value), MediaContentsJsonContext.Default.ContentEntry)),
        };
        var outcome = await store.CreateAsync(record, ct);
        while (outcome is WriteOutcome.Conflict { Current: { } current })
        {
            if (!current.Deleted && MediaOf(current) is { } id && (id == media || await IsCurrentAsync(scope, id, hash, ct)))
            {
                return;
            }

            outcome = await store.ReplaceAsync(record, current.ETag, ct);
        }
    }

    private async Task<bool> IsCurrentAsync(Scope scope, RecordId id, string hash, CancellationToken ct) =>
        await records.FindAsync(scope, id, ct) is { Deleted: false } record
        && MediaDetails.Read(record) is { Status: MediaStatus.Ready } details
        && details.ContentHash == hash;

    private static RecordId? MediaOf(StoredRecord entry) =>
        RecordId.TryParse(entry.Fields.Element.Deserialize(MediaContentsJsonContext.Default.ContentEntry)?.Media, out var id)
            ? id
            : null;

    /// <summary>A hash of hashes: an id has room for one of them, and tells nobody whose content it is.</summary>
    private static RecordKey KeyOf(Scope scope, string owner, string hash) =>
        RecordId.TryParse(Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{hash}\n{owner}"))), out var id)
            ? new RecordKey(scope, Collection, id)
            : throw new InvalidOperationException();
}

/// <param name="Media">The media record's id.</param>
internal sealed record ContentEntry(string Media);

[JsonSerializable(typeof(ContentEntry))]
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
internal sealed partial class MediaContentsJsonContext : JsonSerializerContext;
