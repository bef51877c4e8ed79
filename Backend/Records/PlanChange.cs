using System.Diagnostics;
using Backend.Http;
using Backend.Model;
using Backend.Rules;

namespace Backend.Records;

/// <summary>Plans what becomes of one record that there is, or of its tombstone.</summary>
internal sealed class PlanChange(
    RecordAccess access, ReadRecord read, FinishPlan finish, Retention retention, IRecordStore store, TimeProvider time)
{
    public Task<WritePlan> ExecuteAsync(
        ScopeAccess entered, CollectionModel collection, string id, ETagCondition ifMatch, RecordEdit edit, CancellationToken ct) =>
        edit is RecordEdit.Restore
            ? PlanRestoreAsync(entered, collection, id, ifMatch, ct)
            : PlanChangeAsync(entered, collection, id, ifMatch, edit, ct);

    /// <summary>As above, for a record that was read already; null when there is none.</summary>
    public Task<WritePlan> ExecuteAsync(
        ScopeAccess entered, CollectionModel collection, RecordId id, StoredRecord? current, ETagCondition ifMatch, RecordEdit edit,
        CancellationToken ct) => access.CanRead(entered, current)
        ? PlanChangeAsync(entered, collection, current, ifMatch, edit, ct)
        : Task.FromResult<WritePlan>(new WritePlan.Refused(new RecordOutcome.NotFound(collection.Name, id.Value)));

    private async Task<WritePlan> PlanChangeAsync(
        ScopeAccess entered, CollectionModel collection, string id, ETagCondition ifMatch, RecordEdit edit, CancellationToken ct) =>
        await read.ExecuteAsync(entered, collection.Name, id, ct) switch
        {
            RecordOutcome.Done done => await PlanChangeAsync(entered, collection, done.Record, ifMatch, edit, ct),
            var missing => new WritePlan.Refused(missing),
        };

    private async Task<WritePlan> PlanChangeAsync(
        ScopeAccess entered, CollectionModel collection, StoredRecord current, ETagCondition ifMatch, RecordEdit edit, CancellationToken ct)
    {
        var isDelete = edit is RecordEdit.Delete;
        var operation = isDelete ? RecordOperation.Delete : RecordOperation.Update;
        var errors = Apply(edit, collection, current.Fields, out var fields);
        var now = time.GetUtcNow();
        var changed = current with
        {
            // Wrong input changes nothing, so the rule is asked about the record as it is: whoever may not change it
            // learns that, and not what is wrong.
            Fields = errors.Count > 0 ? current.Fields : fields,
            Deleted = isDelete,
            ExpiresAt = isDelete ? retention.ExpiryOf(collection, now) : current.ExpiresAt,
            UpdatedAt = now,
        };
        var refusal =
            !access.Allows(operation, entered, changed, isDelete ? null : current) ? new RecordOutcome.Forbidden(operation, collection.Name)
            : !ifMatch.Matches(current.ETag) ? new RecordOutcome.PreconditionFailed()
            : errors.Count > 0 ? new RecordOutcome.Invalid(errors)
            : (RecordOutcome?)null;
        return refusal is null
            ? await finish.ExecuteAsync(entered, operation, collection, current, changed, (edit as RecordEdit.Patch)?.Body, ct)
            : new WritePlan.Refused(refusal);
    }

    /// <summary>
    /// Who may read and delete the record as it was may bring it back. Hooks see an update of the tombstone, since the
    /// record is not new.
    /// </summary>
    private async Task<WritePlan> PlanRestoreAsync(
        ScopeAccess entered, CollectionModel collection, string id, ETagCondition ifMatch, CancellationToken ct)
    {
        var current = RecordId.TryParse(id, out var recordId)
            ? await store.FindAsync(new RecordKey(entered.Scope, collection.Name, recordId), ct)
            : null;
        var restored = current is null ? null : current with { Deleted = false, ExpiresAt = null, UpdatedAt = time.GetUtcNow() };
        if (current is null || !access.CanRead(entered, restored))
        {
            return new WritePlan.Refused(new RecordOutcome.NotFound(collection.Name, id));
        }

        var refusal =
            !current.Deleted ? new RecordOutcome.NotDeleted(collection.Name, id)
            : !access.Allows(RecordOperation.Delete, entered, restored) ? new RecordOutcome.Forbidden(RecordOperation.Delete, collection.Name)
            : !ifMatch.Matches(current.ETag) ? new RecordOutcome.PreconditionFailed()
            : (RecordOutcome?)null;
        return refusal is null
            ? await finish.ExecuteAsync(entered, RecordOperation.Update, collection, current, restored, null, ct)
            : new WritePlan.Refused(refusal);
    }

    private static IReadOnlyList<FieldError> Apply(
        RecordEdit edit, CollectionModel collection, RecordFields current, out RecordFields fields)
    {
        fields = current;
        return edit switch
        {
            RecordEdit.Replace replace => RecordInput.Replace(collection, replace.Body, current, out fields),
            RecordEdit.Patch patch => RecordInput.Patch(collection, patch.Body, current, out fields),
            RecordEdit.Delete => [],
            _ => throw new UnreachableException(),
        };
    }
}
