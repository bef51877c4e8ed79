using System.Diagnostics;
using Backend.Hooks;
using Backend.Merging;
using Backend.Security;

namespace Backend.Records;

/// <summary>Adds a record.</summary>
internal sealed class CreateRecord(PlanCreate plan, RecordHooks hooks, IRecordStore store)
{
    public async Task<RecordOutcome> ExecuteAsync(Caller caller, CreateRequest request, CancellationToken ct) =>
        await plan.ExecuteAsync(caller, request, null, ct) switch
        {
            WritePlan.Planned planned => await StoreAsync(planned, isRetry: static _ => false, ct),
            WritePlan.Refused refused => refused.Outcome,
            _ => throw new UnreachableException(),
        };

    /// <param name="planned">The record.</param>
    /// <param name="isRetry">Whether what holds the id was created by an earlier attempt of this very request.</param>
    /// <param name="ct">Cancels the wait; a write that was handed to the store is carried out.</param>
    public async Task<RecordOutcome> StoreAsync(
        WritePlan.Planned planned, Func<StoredRecord, bool> isRetry, CancellationToken ct)
    {
        var record = planned.Record;
        var outcome = await store.CreateAsync(record, ct);
        if (outcome is WriteOutcome.Conflict { Current: { Deleted: true } tombstone }
            && tombstone.Owner == record.Owner && !isRetry(tombstone))
        {
            // The id of a deleted record may be used again by its owner alone: nobody else takes over what others point at.
            outcome = await store.ReplaceAsync(ServerWrite.Recreate(tombstone, record), tombstone.ETag, ct);
        }

        switch (outcome)
        {
            case WriteOutcome.Written written:
                await hooks.AfterAsync(planned.Write, written.Record, ct);
                return new RecordOutcome.Created(written.Record);
            case WriteOutcome.Conflict { Current: { } current } when isRetry(current):
                return new RecordOutcome.Created(current);
            default:
                return new RecordOutcome.AlreadyExists(record.Key.Collection, record.Key.Id.Value);
        }
    }
}
