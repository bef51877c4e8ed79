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
    /// <param name="owner">Whose it is.</param>
    /// <param name="media">The media record.</param>
    /// <param name="upload">What is to come.</param>
    /// <param name="prepare">What is done before it is counted, unless it is refused: what calls <see cref="SettleAsync"/> in the end.</param>
    /// <param name="ct">Cancels.</param>
    /// <returns>Null when it was counted, else what is owned and would exceed a quota.</returns>
    public Task<Usage?> ReserveAsync(string owner, RecordId media, OpenUpload upload, Func<Task> prepare, CancellationToken ct) =>
        OpenAsync(owner, media, upload, counted: 0, records: 1, prepare, ct);

    /// <summary>A media record's upload is to be replaced by another.</summary>
    /// <param name="owner">Whose it is.</param>
    /// <param name="media">The media record.</param>
    /// <param name="upload">What is to come.</param>
    /// <param name="counted">What the record counts without it, in bytes.</param>
    /// <param name="prepare">As for a reservation.</param>
    /// <param name="ct">Cancels.</param>
    /// <returns>As for a reservation.</returns>
    public Task<Usage?> ReplaceAsync(
        string owner, RecordId media, OpenUpload upload, long counted, Func<Task> prepare, CancellationToken ct) =>
        OpenAsync(owner, media, upload, counted, records: 0, prepare, ct);

    /// <summary>
    /// What was to come has come or is no longer waited for: from here on the record counts what it says. Nothing when another upload is
    /// waited for by now.
    /// </summary>
    /// <param name="owner">Whose it is.</param>
    /// <param name="media">The media record.</param>
    /// <param name="at">When nothing is waited for any more.</param>
    /// <param name="count">Reads what the record counts, in bytes; null when it is gone, which releases it.</param>
    /// <param name="ct">Cancels.</param>
    public Task SettleAsync(string owner, RecordId media, DateTimeOffset at, Func<Task<long?>> count, CancellationToken ct) => ChangeAsync(
        owner,
        async before => before.Open.TryGetValue(media.Value, out var open) && open.Until <= at && await count() is { } counted
            ? Close(before, media) with { Bytes = before.Bytes - open.Bytes + counted }
            : null,
        ct);

    /// <summary>A counted record is gone. Repeating it changes nothing.</summary>
    public Task ReleaseAsync(string owner, RecordId media, long bytes, CancellationToken ct) => ChangeAsync(
        owner, before => Task.FromResult(before.Released.Contains(media.Value) ? null : Subtract(before, media, bytes)), ct);

    /// <summary>
    /// The record of a reservation was never made, or is gone, and it is not known whether it was released: what was
    /// released long ago is no longer remembered, but it is no longer open either.
    /// </summary>
    public Task CancelAsync(string owner, RecordId media, CancellationToken ct) => ChangeAsync(
        owner, before => Task.FromResult(before.Open.TryGetValue(media.Value, out var open) ? Subtract(before, media, open.Bytes) : null), ct);

    private async Task<Usage?> OpenAsync(
        string owner, RecordId media, OpenUpload upload, long counted, int records, Func<Task> prepare, CancellationToken ct)
    {
        Usage? refused = null;
        var isPrepared = false;
        await ChangeAsync(owner, async before =>
        {
            var more = upload.Bytes - (before.Open.TryGetValue(media.Value, out var open) ? open.Bytes : counted);
            var after = before with
            {
                Bytes = Math.Max(0, before.Bytes + more),
                Count = before.Count + records,
                Open = new Dictionary<string, OpenUpload>(before.Open) { [media.Value] = upload },
            };
            refused = (more > 0 && after.Bytes > options.Value.MaxUserBytes) || (records > 0 && after.Count > options.Value.MaxUserCount)
                ? before
                : null;
            if (refused is null && !isPrepared)
            {
                await prepare();
                isPrepared = true;
            }

            return refused is null ? after : null;
        }, ct);
        return refused;
    }

    private static Usage Close(Usage usage, RecordId media) => usage with
    {
        Open = usage.Open.Where(open => open.Key != media.Value).ToDictionary(),
    };

    private static Usage Subtract(Usage usage, RecordId media, long bytes) => Close(usage, media) with
    {
        Bytes = Math.Max(0, usage.Bytes - (usage.Open.TryGetValue(media.Value, out var open) ? open.Bytes : bytes)),
        Count = Math.Max(0, usage.Count - 1),
        Released = [media.Value, .. usage.Released.Take(RememberedReleases - 1)],
    };

    private async Task ChangeAsync(string owner, Func<Usage, Task<Usage?>> change, CancellationToken ct)
    {
        var key = new RecordKey(Scope.ForUser(owner), Collection, Id);
        var record = await store.FindAsync(key, ct);
        while (true)
        {
            var before = record is null ? new Usage() : Read(record);
            if (await change(before) is not { } after)
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

    /// <summary>By media record, uploads that are waited for: what is counted of them, whatever their record says.</summary>
    public IReadOnlyDictionary<string, OpenUpload> Open { get; init; } = new Dictionary<string, OpenUpload>();

    /// <summary>What was released last, the latest first.</summary>
    public IReadOnlyList<string> Released { get; init; } = [];
}

/// <param name="Bytes">As announced.</param>
/// <param name="Until">When it is no longer waited for.</param>
internal sealed record OpenUpload(long Bytes, DateTimeOffset Until);

[JsonSerializable(typeof(Usage))]
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
internal sealed partial class MediaUsageJsonContext : JsonSerializerContext;
