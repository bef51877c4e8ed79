using Backend.Model;
using Backend.Records;

namespace Backend.Media;

/// <summary>Media records in the record store: every change is a conditional write and a legal move.</summary>
internal sealed class MediaRecords(IRecordStore store, TimeProvider time)
{
    public async Task<RecordKey> CreateAsync(Scope scope, string owner, MediaDetails details, CancellationToken ct)
    {
        var now = time.GetUtcNow();
        var record = new StoredRecord
        {
            Key = KeyOf(scope, RecordId.New(now)),
            Owner = owner,
            CreatedAt = now,
            UpdatedAt = now,
            Fields = details.ToFields(),
        };
        return await store.CreateAsync(record, ct) is WriteOutcome.Written written
            ? written.Record.Key
            : throw new InvalidOperationException($"The new id {record.Key} is taken");
    }

    public Task<StoredRecord?> FindAsync(Scope scope, RecordId id, CancellationToken ct) =>
        store.FindAsync(KeyOf(scope, id), ct);

    /// <summary>
    /// Changes a record by <paramref name="change"/>, which is asked again when somebody else wrote in between and
    /// answers null to leave the record alone.
    /// </summary>
    /// <returns>False when the record is gone, was left alone, or the move is not legal.</returns>
    public async Task<bool> ChangeAsync(
        Scope scope, RecordId id, Func<MediaDetails, MediaDetails?> change, CancellationToken ct)
    {
        var record = await FindAsync(scope, id, ct);
        while (record is { Deleted: false })
        {
            var before = MediaDetails.Read(record);
            if (change(before) is not { } after || !MediaStates.CanMove(before.Status, after.Status))
            {
                return false;
            }

            var changed = record with { UpdatedAt = time.GetUtcNow(), Fields = after.ToFields() };
            switch (await store.ReplaceAsync(changed, record.ETag, ct))
            {
                case WriteOutcome.Written:
                    return true;
                case WriteOutcome.Conflict conflict:
                    record = conflict.Current;
                    break;
            }
        }

        return false;
    }

    private static RecordKey KeyOf(Scope scope, RecordId id) => new(scope, AppModel.MediaCollection, id);
}
