using Backend.Model;
using Backend.Records;

namespace Backend.Media;

/// <summary>Media records in the record store: every change is a conditional write and a legal move.</summary>
internal sealed class MediaRecords(IRecordStore store, Retention retention, TimeProvider time)
{
    /// <summary>A record that is not stored yet.</summary>
    public StoredRecord New(Scope scope, RecordId id, string owner, MediaDetails details)
    {
        var now = time.GetUtcNow();
        return new StoredRecord
        {
            Key = KeyOf(scope, id),
            Owner = owner,
            CreatedAt = now,
            UpdatedAt = now,
            Fields = details.ToFields(),
        };
    }

    public async Task CreateAsync(Scope scope, RecordId id, string owner, MediaDetails details, CancellationToken ct)
    {
        var record = New(scope, id, owner, details);
        if (await store.CreateAsync(record, ct) is not WriteOutcome.Written)
        {
            throw new InvalidOperationException($"The new id {record.Key} is taken");
        }
    }

    public Task<StoredRecord?> FindAsync(Scope scope, RecordId id, CancellationToken ct) =>
        store.FindAsync(KeyOf(scope, id), ct);

    /// <summary>
    /// Changes a record by <paramref name="change"/>, which is asked again when somebody else wrote in between and
    /// answers null to leave the record alone.
    /// </summary>
    /// <param name="scope">The record's scope.</param>
    /// <param name="id">The record.</param>
    /// <param name="change">What becomes of it.</param>
    /// <param name="ct">Cancels.</param>
    /// <param name="movesState">False for a change that leaves the status as it is, which is legal in all of them.</param>
    /// <returns>False when the record is gone, was left alone, or the move is not legal.</returns>
    public async Task<bool> ChangeAsync(
        Scope scope, RecordId id, Func<MediaDetails, MediaDetails?> change, CancellationToken ct, bool movesState = true)
    {
        var record = await FindAsync(scope, id, ct);
        while (record is { Deleted: false })
        {
            var before = MediaDetails.Read(record);
            if (change(before) is not { } after || (movesState && !MediaStates.CanMove(before.Status, after.Status)))
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

    /// <summary>Puts a tombstone in the record's place, unless <paramref name="condition"/> does not hold any more.</summary>
    /// <returns>The record as it was; null when there is none to delete.</returns>
    public async Task<StoredRecord?> DeleteAsync(
        Scope scope, RecordId id, Func<MediaDetails, bool> condition, CancellationToken ct)
    {
        var record = await FindAsync(scope, id, ct);
        while (record is { Deleted: false })
        {
            var before = MediaDetails.Read(record);
            if (!condition(before) || !MediaStates.CanMove(before.Status, MediaStatus.Deleted))
            {
                return null;
            }

            var after = new MediaDetails { Status = MediaStatus.Deleted, ContentType = before.ContentType, Size = before.CountedSize };
            var tombstone = retention.TombstoneOf(record with { Fields = after.ToFields() }, time.GetUtcNow());
            switch (await store.ReplaceAsync(tombstone, record.ETag, ct))
            {
                case WriteOutcome.Written:
                    return record;
                case WriteOutcome.Conflict conflict:
                    record = conflict.Current;
                    break;
            }
        }

        return null;
    }

    private static RecordKey KeyOf(Scope scope, RecordId id) => new(scope, AppModel.MediaCollection, id);
}
