using System.Diagnostics;
using Backend.Hooks;
using Backend.Model;
using Backend.Rules;
using Microsoft.Extensions.Options;

namespace Backend.Records;

/// <summary>The last part of every plan: whether references lead somewhere, what hooks make of the record, and whether it is still small enough.</summary>
internal sealed class FinishPlan(ReferenceChecks references, RecordHooks hooks, IOptions<RecordOptions> options)
{
    /// <param name="entered">Who writes, and where.</param>
    /// <param name="operation">What hooks are told.</param>
    /// <param name="collection">The record's collection.</param>
    /// <param name="before">The record as it is; null when it is created.</param>
    /// <param name="after">The record as it will be, valid and allowed by the rules.</param>
    /// <param name="ct">Cancels the hooks.</param>
    public async Task<WritePlan> ExecuteAsync(
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
                var size = passed.Record.Fields.Utf8.Length;
                // A deletion keeps the fields: a record that an earlier limit let in can still be deleted.
                return size > options.Value.MaxRecordBytes && !passed.Record.Deleted
                    ? new WritePlan.Refused(new RecordOutcome.TooLarge(size, options.Value.MaxRecordBytes))
                    : new WritePlan.Planned(operation, new RecordChange(passed.Record, before?.ETag), passed.Write);
            default:
                throw new UnreachableException();
        }
    }
}
