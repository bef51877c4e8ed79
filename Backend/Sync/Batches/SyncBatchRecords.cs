using System.Text.Json;
using Backend.Records;
using Microsoft.Extensions.Options;

namespace Backend.Sync.Batches;

/// <summary>Batches in the record store, each an internal record of its user; and one more that says which are open.</summary>
internal sealed class SyncBatchRecords(IRecordStore store, IOptions<SyncOptions> options, TimeProvider time)
{
    private const string Collection = "$sync_batches";

    /// <summary>No batch's id, which are UUIDs.</summary>
    private static readonly RecordId OpenId = RecordId.TryParse("open", out var id) ? id : default;

    public async Task CreateAsync(string user, RecordId id, SyncBatch batch, CancellationToken ct)
    {
        var now = time.GetUtcNow();
        var record = NewRecord(KeyOf(user, id), now, batch.ToFields()) with { ExpiresAt = now.AddHours(options.Value.BatchHours) };
        await store.CreateAsync(record, ct);
    }

    /// <summary>Null when the user has no such batch, or it is gone by now.</summary>
    public async Task<(SyncBatch Batch, StoredRecord Record)?> FindAsync(string user, RecordId id, CancellationToken ct) =>
        id != OpenId && await store.FindAsync(KeyOf(user, id), ct) is { } record ? (SyncBatch.Read(record), record) : null;

    /// <summary>
    /// Changes a batch by <paramref name="change"/>, which is asked again when somebody else wrote in between and answers
    /// null to leave it alone.
    /// </summary>
    /// <returns>The batch as it is now; null when there is none.</returns>
    public async Task<SyncBatch?> ChangeAsync(string user, RecordId id, Func<SyncBatch, SyncBatch?> change, CancellationToken ct)
    {
        while (await FindAsync(user, id, ct) is { } found)
        {
            if (change(found.Batch) is not { } after)
            {
                return found.Batch;
            }

            var record = found.Record with { UpdatedAt = time.GetUtcNow(), Fields = after.ToFields() };
            if (await store.ReplaceAsync(record, found.Record.ETag, ct) is WriteOutcome.Written)
            {
                return after;
            }
        }

        return null;
    }

    /// <summary>Takes one of the places that a user has for batches that are not done.</summary>
    /// <returns>Null when it is taken; else what stands in the way.</returns>
    public async Task<SyncBatchOutcome?> OpenAsync(string user, string client, RecordId id, CancellationToken ct)
    {
        SyncBatchOutcome? refusal = null;
        await ChangeOpenAsync(
            user,
            open =>
            {
                refusal = open.Batches.FirstOrDefault(other => other.Client == client) is { } busy ? new SyncBatchOutcome.Busy(busy.Id)
                    : open.Batches.Count >= options.Value.MaxOpenBatches ? new SyncBatchOutcome.TooMany()
                    : null;
                return refusal is null ? new OpenBatches([.. open.Batches, new OpenBatch(id.Value, client)]) : null;
            },
            ct);
        return refusal;
    }

    /// <summary>Gives its place back; does nothing when it has none.</summary>
    public Task CloseAsync(string user, RecordId id, CancellationToken ct) => ChangeOpenAsync(
        user,
        open => open.Batches.Any(batch => batch.Id == id.Value)
            ? new OpenBatches([.. open.Batches.Where(batch => batch.Id != id.Value)])
            : null,
        ct);

    private async Task ChangeOpenAsync(string user, Func<OpenBatches, OpenBatches?> change, CancellationToken ct)
    {
        var key = KeyOf(user, OpenId);
        while (true)
        {
            var stored = await store.FindAsync(key, ct);
            var before = stored is null
                ? new OpenBatches([])
                : JsonSerializer.Deserialize(stored.Fields.Utf8.Span, SyncBatchJsonContext.Default.OpenBatches) ?? new OpenBatches([]);
            if (change(before) is not { } after)
            {
                return;
            }

            var now = time.GetUtcNow();
            var fields = new RecordFields(JsonSerializer.SerializeToUtf8Bytes(after, SyncBatchJsonContext.Default.OpenBatches));
            var outcome = stored is null
                ? await store.CreateAsync(NewRecord(key, now, fields), ct)
                : await store.ReplaceAsync(stored with { UpdatedAt = now, Fields = fields }, stored.ETag, ct);
            if (outcome is WriteOutcome.Written)
            {
                return;
            }
        }
    }

    private static StoredRecord NewRecord(RecordKey key, DateTimeOffset now, RecordFields fields) => new()
    {
        Key = key,
        Owner = key.Scope.Name,
        CreatedAt = now,
        UpdatedAt = now,
        Fields = fields,
    };

    private static RecordKey KeyOf(string user, RecordId id) => new(Scope.ForUser(user), Collection, id);
}

/// <summary>Batches of a user that are not done yet.</summary>
internal sealed record OpenBatches(IReadOnlyList<OpenBatch> Batches);

internal sealed record OpenBatch(string Id, string Client);
