using Backend.Hooks;
using Backend.Security;

namespace Backend.Records;

/// <summary>Replaces, patches, deletes or restores one record.</summary>
internal sealed class ChangeRecord(
    RecordAccess access, PlanChange plan, RecordHooks hooks, IRecordStore store, TimeProvider time)
{
    /// <summary>
    /// How long a change that names no version is tried again while others write the record. Each round somebody's
    /// change gets through, so this is reached only under a load that no record should have.
    /// </summary>
    internal static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    public async Task<RecordOutcome> ExecuteAsync(Caller caller, RecordAddress address, RecordEdit edit, CancellationToken ct)
    {
        if (!access.TryGetCollection(address.Collection, out var collection))
        {
            return new RecordOutcome.CollectionNotFound(address.Collection);
        }

        if (await access.ResolveAsync(caller, collection, address.Scope, ct) is not { } entered)
        {
            return new RecordOutcome.ScopeNotFound(address.Scope);
        }

        var start = time.GetTimestamp();
        for (var lost = 0; time.GetElapsedTime(start) < Patience; lost++)
        {
            if (lost > 0)
            {
                await Contention.PauseAsync(lost, time, ct);
            }

            var planned = await plan.ExecuteAsync(entered, collection, address.Id, address.IfMatch, edit, ct);
            if (planned is WritePlan.Refused refused)
            {
                return refused.Outcome;
            }

            if (planned is WritePlan.Planned ready && await StoreAsync(ready, ct) is { } written)
            {
                return new RecordOutcome.Done(written);
            }
        }

        return new RecordOutcome.Contended();
    }

    /// <summary>Null when somebody else wrote the record between the reading and the writing.</summary>
    private async Task<StoredRecord?> StoreAsync(WritePlan.Planned planned, CancellationToken ct)
    {
        // Whoever changes a record names the version that it was planned on.
        var expected = planned.Change.Expected ?? throw new InvalidOperationException("A change without a version.");
        if (await store.ReplaceAsync(planned.Record, expected, ct) is not WriteOutcome.Written written)
        {
            return null;
        }

        await hooks.AfterAsync(planned.Write, written.Record, ct);
        return written.Record;
    }
}

/// <summary>Which record a request means, and which version of it.</summary>
/// <param name="Collection">The collection's name as sent.</param>
/// <param name="Id">The id as sent.</param>
/// <param name="Scope">The scope as sent; null for the collection's default.</param>
/// <param name="IfMatch">The versions that the caller accepts.</param>
internal sealed record RecordAddress(string Collection, string Id, string? Scope, ETagCondition IfMatch);
