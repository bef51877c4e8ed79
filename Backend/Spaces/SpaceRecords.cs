using Backend.Model;
using Backend.Records;
using Backend.Security;

namespace Backend.Spaces;

/// <summary>Spaces in the record store: each is one record, every change one conditional write.</summary>
internal sealed class SpaceRecords(IRecordStore store, TimeProvider time)
{
    /// <summary>How long a change is tried again while others write the same record, as for any record.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <param name="before">The space as it is.</param>
    /// <param name="role">The caller's role in it.</param>
    /// <param name="after">The space as it shall be; the same object to leave it alone.</param>
    /// <returns>Why it may not be; null when it may.</returns>
    public delegate SpaceOutcome? Change(SpaceDetails before, string role, out SpaceDetails after);

    /// <summary>The space or its tombstone; null when the id is none, or of a space that never was or is purged.</summary>
    public async Task<StoredRecord?> FindAsync(string id, CancellationToken ct) =>
        RecordId.TryParse(id, out var recordId) ? await store.FindAsync(KeyOf(recordId), ct) : null;

    public async Task<bool> IsMemberAsync(RecordId id, string user, CancellationToken ct) =>
        await store.FindAsync(KeyOf(id), ct) is { Deleted: false } space
        && SpaceMembers.FindRole(space.Fields.Utf8.Span, user) is not null;

    public async Task<StoredRecord> CreateAsync(RecordId id, string owner, SpaceDetails details, CancellationToken ct)
    {
        var now = time.GetUtcNow();
        var record = new StoredRecord
        {
            Key = KeyOf(id),
            Owner = owner,
            CreatedAt = now,
            UpdatedAt = now,
            Fields = details.ToFields(),
        };
        return await store.CreateAsync(record, ct) is WriteOutcome.Written written
            ? written.Record
            : throw new InvalidOperationException($"The new id {id} is taken");
    }

    /// <summary>Changes a space that the caller is in. <paramref name="change"/> is asked again when somebody else wrote in between.</summary>
    /// <param name="caller">Who changes it.</param>
    /// <param name="id">The space's id as sent.</param>
    /// <param name="condition">The versions that the caller accepts.</param>
    /// <param name="change">What to make of it.</param>
    /// <param name="ct">Cancels the request; a write that was handed to the store is carried out.</param>
    /// <param name="beforeWrite">What has to be true before the space says so.</param>
    /// <param name="delete">Whether a tombstone is written.</param>
    public async Task<SpaceOutcome> ChangeAsync(
        Caller caller, string id, ETagCondition condition, Change change, CancellationToken ct,
        Func<SpaceDetails, CancellationToken, Task>? beforeWrite = null, bool delete = false)
    {
        var start = time.GetTimestamp();
        do
        {
            if (await FindAsync(id, ct) is not { Deleted: false } record)
            {
                return new SpaceOutcome.NotFound(id);
            }

            var before = SpaceDetails.Read(record);
            var after = before;
            var refusal = before.RoleOf(caller.Id) is not { } role ? new SpaceOutcome.NotFound(id)
                : change(before, role, out after) is { } refused ? refused
                : condition.Matches(record.ETag) ? null
                : new SpaceOutcome.PreconditionFailed();
            if (refusal is not null)
            {
                return refusal;
            }

            if (ReferenceEquals(before, after) && !delete)
            {
                return new SpaceOutcome.Done(record, before);
            }

            await (beforeWrite?.Invoke(before, ct) ?? Task.CompletedTask);
            if (await ReplaceAsync(record, after, delete, ct) is { } written)
            {
                return new SpaceOutcome.Done(written, after);
            }
        }
        while (time.GetElapsedTime(start) < Patience);

        return new SpaceOutcome.Contended();
    }

    /// <summary>Null when somebody else wrote the record since it was read.</summary>
    public async Task<StoredRecord?> ReplaceAsync(StoredRecord read, SpaceDetails details, bool deleted, CancellationToken ct)
    {
        var record = read with { Deleted = deleted, UpdatedAt = time.GetUtcNow(), Fields = details.ToFields() };
        return await store.ReplaceAsync(record, read.ETag, ct) is WriteOutcome.Written written ? written.Record : null;
    }

    private static RecordKey KeyOf(RecordId id) => new(Scope.ForSpace(id), AppModel.SpacesCollection, id);
}
