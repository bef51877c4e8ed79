using System.Text.Json;
using System.Text.Json.Serialization;
using Backend.Records;
using Microsoft.Extensions.Options;

namespace Backend.Media;

/// <summary>
/// How much media each user owns: one record in the user's scope, changed by conditional writes. Reserving and releasing
/// are told apart by the media's id, so that neither counts twice however often it is repeated, and what a crash leaves
/// reserved is released when the slot expires.
/// </summary>
internal sealed class MediaUsage(IRecordStore store, IOptions<MediaOptions> options, TimeProvider time)
{
    private const string Collection = "$media-usage";
    private const string Name = "usage";

    /// <summary>Releases are repeated soon after the first attempt or not at all.</summary>
    private const int RememberedReleases = 200;

    /// <summary>Counts a new media record.</summary>
    /// <returns>Null when it was counted, else what is owned and would exceed a quota.</returns>
    public async Task<Usage?> ReserveAsync(string owner, RecordId media, long bytes, CancellationToken ct)
    {
        Usage? refused = null;
        await ChangeAsync(owner, before =>
        {
            var after = before with
            {
                Bytes = before.Bytes + bytes,
                Count = before.Count + 1,
                Pending = new Dictionary<string, long>(before.Pending) { [media.Value] = bytes },
            };
            refused = after.Bytes > options.Value.MaxUserBytes || after.Count > options.Value.MaxUserCount ? before : null;
            return refused is null ? after : null;
        }, ct);
        return refused;
    }

    /// <summary>A media record's upload is to be replaced by one that is larger by so much, or smaller.</summary>
    /// <param name="owner">Whose it is.</param>
    /// <param name="moreBytes">How much larger; negative for smaller.</param>
    /// <param name="ct">Cancels.</param>
    /// <param name="isLimited">False when something that was counted before is put back.</param>
    /// <returns>As for a reservation.</returns>
    public async Task<Usage?> AdjustAsync(string owner, long moreBytes, CancellationToken ct, bool isLimited = true)
    {
        Usage? refused = null;
        await ChangeAsync(owner, before =>
        {
            var bytes = Math.Max(0, before.Bytes + moreBytes);
            refused = isLimited && moreBytes > 0 && bytes > options.Value.MaxUserBytes ? before : null;
            return refused is null && moreBytes != 0 ? before with { Bytes = bytes } : null;
        }, ct);
        return refused;
    }

    /// <summary>A record exists now: from here on its tombstone tells that it was counted.</summary>
    public Task ConfirmAsync(string owner, RecordId media, CancellationToken ct) => ChangeAsync(
        owner, before => before.Pending.ContainsKey(media.Value) ? Settle(before, media) : null, ct);

    /// <summary>A counted record is gone. Repeating it changes nothing.</summary>
    public Task ReleaseAsync(string owner, RecordId media, long bytes, CancellationToken ct) => ChangeAsync(
        owner, before => before.Released.Contains(media.Value) ? null : Subtract(Settle(before, media), media, bytes), ct);

    /// <summary>
    /// The record of a reservation was never made, or is gone, and it is not known whether it was released: what was
    /// released long ago is no longer remembered, but it is no longer reserved either.
    /// </summary>
    /// <param name="owner">Whose it is.</param>
    /// <param name="media">The media record.</param>
    /// <param name="counted">As counted in the end; null for what was reserved.</param>
    /// <param name="ct">Cancels.</param>
    public Task CancelAsync(string owner, RecordId media, long? counted, CancellationToken ct) => ChangeAsync(
        owner,
        before => before.Pending.TryGetValue(media.Value, out var bytes) ? Subtract(Settle(before, media), media, counted ?? bytes) : null,
        ct);

    private static Usage Settle(Usage usage, RecordId media) => usage with
    {
        Pending = usage.Pending.Where(pending => pending.Key != media.Value).ToDictionary(),
    };

    private static Usage Subtract(Usage usage, RecordId media, long bytes) => usage with
    {
        Bytes = Math.Max(0, usage.Bytes - bytes),
        Count = Math.Max(0, usage.Count - 1),
        Released = [media.Value, .. usage.Released.Take(RememberedReleases - 1)],
    };

    private async Task ChangeAsync(string owner, Func<Usage, Usage?> change, CancellationToken ct)
    {
        var key = new RecordKey(Scope.ForUser(owner), Collection, Id);
        var record = await store.FindAsync(key, ct);
        while (true)
        {
            var before = record is null ? new Usage() : Read(record);
            if (change(before) is not { } after)
            {
                return;
            }

            var now = time.GetUtcNow();
            var fields = new RecordFields(JsonSerializer.SerializeToUtf8Bytes(after, MediaUsageJsonContext.Default.Usage));
            var outcome = record is null
                ? await store.CreateAsync(
                    new StoredRecord { Key = key, Owner = owner, CreatedAt = now, UpdatedAt = now, Fields = fields }, ct)
                : await store.ReplaceAsync(record with { UpdatedAt = now, Fields = fields }, record.ETag, ct);
            if (outcome is WriteOutcome.Conflict conflict)
            {
                record = conflict.Current;
                continue;
            }

            return;
        }
    }

    private static RecordId Id { get; } = RecordId.TryParse(Name, out var id) ? id : throw new InvalidOperationException();

    private static Usage Read(StoredRecord record) =>
        record.Fields.Element.Deserialize(MediaUsageJsonContext.Default.Usage)
        ?? throw new InvalidDataException($"{record.Key} has no fields");
}

/// <summary>What a user owns.</summary>
internal sealed record Usage
{
    /// <summary>Of all uploads, as announced.</summary>
    public long Bytes { get; init; }

    /// <summary>Media records, slots included.</summary>
    public long Count { get; init; }

    /// <summary>Reservations whose record may not exist yet, with their bytes.</summary>
    public IReadOnlyDictionary<string, long> Pending { get; init; } = new Dictionary<string, long>();

    /// <summary>What was released last, the latest first.</summary>
    public IReadOnlyList<string> Released { get; init; } = [];
}

[JsonSerializable(typeof(Usage))]
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
internal sealed partial class MediaUsageJsonContext : JsonSerializerContext;
