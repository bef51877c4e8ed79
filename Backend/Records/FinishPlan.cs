using System.Diagnostics;
using System.Text.Json;
using Backend.Hooks;
using Backend.Merging;
using Backend.Model;
using Backend.Rules;
using Microsoft.Extensions.Options;

namespace Backend.Records;

/// <summary>The last part of every plan: whether references lead somewhere, what hooks make of the record, and whether it is still small enough.</summary>
internal sealed class FinishPlan(ReferenceChecks references, RecordHooks hooks, IOptions<RecordOptions> options)
{
    /// <summary>For a write by the data API, whose patch, if it is one, counts for more than what it changes: see <see cref="ServerWrite.Replace"/>.</summary>
    /// <inheritdoc cref="MergedAsync"/>
    public async ValueTask<WritePlan> ExecuteAsync(
        ScopeAccess entered, RecordOperation operation, CollectionModel collection, StoredRecord? before, StoredRecord after,
        JsonElement? patch, CancellationToken ct) =>
        await MergedAsync(entered, operation, collection, before, after, ct) switch
        {
            WritePlan.Planned planned when before is not null =>
                planned with { Change = planned.Change with { Record = ServerWrite.Replace(collection, before, planned.Record, patch) } },
            var plan => plan,
        };

    /// <summary>For a mutation that was merged, with its <see cref="StoredRecord.MergeState"/>.</summary>
    /// <param name="entered">Who writes, and where.</param>
    /// <param name="operation">What hooks are told.</param>
    /// <param name="collection">The record's collection.</param>
    /// <param name="before">The record as it is; null when it is created.</param>
    /// <param name="after">The record as it will be, valid and allowed by the rules.</param>
    /// <param name="ct">Cancels the hooks.</param>
    public async ValueTask<WritePlan> MergedAsync(
        ScopeAccess entered, RecordOperation operation, CollectionModel collection, StoredRecord? before, StoredRecord after,
        CancellationToken ct)
    {
        var missing = await references.FindErrorsAsync(entered, collection, before?.Fields, after.Fields, ct);
        if (missing.Count > 0)
        {
            return new WritePlan.Refused(new RecordOutcome.Invalid(missing));
        }

        switch (await hooks.BeforeAsync(entered.Caller, operation, collection, before, after, ct))
        {
            case HookOutcome.Rejected rejected:
                return new WritePlan.Refused(new RecordOutcome.Rejected(rejected.Rejection));
            case HookOutcome.Passed passed:
                var record = ServerWrite.Amend(collection, after.Fields, passed.Record);
                var size = record.Fields.Utf8.Length;
                // A deletion keeps the fields: a record that an earlier limit let in can still be deleted.
                return size > options.Value.MaxRecordBytes && !record.Deleted
                    ? new WritePlan.Refused(new RecordOutcome.TooLarge(size, options.Value.MaxRecordBytes))
                    : new WritePlan.Planned(operation, new RecordChange(record, before?.ETag), passed.Write);
            default:
                throw new UnreachableException();
        }
    }
}
