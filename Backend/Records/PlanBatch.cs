using System.Diagnostics;
using Backend.Http;
using Backend.Merging;
using Backend.Model;
using Backend.Security;
using Microsoft.Extensions.Primitives;

namespace Backend.Records;

/// <summary>Plans the operations of a batch, each as if it came alone: none sees what another one is about to write.</summary>
internal sealed class PlanBatch(RecordAccess access, PlanCreate creates, PlanChange changes, IRecordStore store)
{
    /// <summary>
    /// Lets the caller into the one scope that all operations mean; what hinders it is added to one of the lists.
    /// </summary>
    public async Task<ScopeAccess?> EnterAsync(
        Caller caller, BatchRequest request, List<FieldError> errors, List<(int Index, RecordOutcome Outcome)> failures,
        CancellationToken ct)
    {
        ScopeAccess? entered = null;
        var scopes = new Dictionary<string, ScopeAccess?>(StringComparer.Ordinal); // entered once a collection
        foreach (var (i, operation) in request.Operations.OfType<BatchOperation>().Index())
        {
            if (!access.TryGetCollection(operation.Collection, out var collection))
            {
                failures.Add((i, new RecordOutcome.CollectionNotFound(operation.Collection)));
                continue;
            }

            if (!scopes.TryGetValue(collection.Name, out var found))
            {
                scopes[collection.Name] = found = await access.ResolveAsync(caller, collection, request.Scope, ct);
            }

            if (found is null)
            {
                failures.Add((i, new RecordOutcome.ScopeNotFound(request.Scope)));
            }
            else if (entered is not null && found.Scope != entered.Scope)
            {
                errors.Add(new FieldError(
                    $"$.operations[{i}].collection", "other_scope",
                    $"{operation.Collection} lives in {found.Scope}, the operations before in {entered.Scope}; a batch has one scope."));
            }
            else
            {
                entered ??= found;
            }
        }

        return entered;
    }

    /// <summary>Reads what the operations change, together.</summary>
    /// <param name="entered">Where.</param>
    /// <param name="operations">With what a create gets.</param>
    /// <param name="creates">Whether to look for what is created under an id that the client chose, too.</param>
    /// <param name="ct">Cancels the read.</param>
    public async Task<IReadOnlyDictionary<RecordKey, StoredRecord>> FindAsync(
        ScopeAccess entered, IEnumerable<(BatchOperation Operation, Birth Birth)> operations, bool creates, CancellationToken ct)
    {
        var found = new Dictionary<RecordKey, StoredRecord>();
        foreach (var collection in operations
            .Where(pair => pair.Operation.Op != BatchOperation.Create || (creates && pair.Operation.Id is not null))
            .GroupBy(pair => pair.Operation.Collection, pair => pair.Birth.Id, StringComparer.Ordinal))
        {
            foreach (var record in await store.FindManyAsync(entered.Scope, collection.Key, [.. collection], ct))
            {
                found.Add(record.Key, record);
            }
        }

        return found;
    }

    /// <param name="entered">Where.</param>
    /// <param name="operation">What was checked by <see cref="BatchChecks"/>.</param>
    /// <param name="birth">For a create: what the record gets.</param>
    /// <param name="found">What <see cref="FindAsync"/> has read.</param>
    /// <param name="ct">Cancels hooks and reads.</param>
    public async Task<WritePlan> ExecuteAsync(
        ScopeAccess entered, BatchOperation operation, Birth birth, IReadOnlyDictionary<RecordKey, StoredRecord> found, CancellationToken ct)
    {
        if (!access.TryGetCollection(operation.Collection, out var collection))
        {
            throw new UnreachableException();
        }

        var current = found.GetValueOrDefault(new RecordKey(entered.Scope, collection.Name, birth.Id));
        return operation.Op == BatchOperation.Create
            ? await PlanCreateAsync(entered, collection, operation, birth, current, ct)
            : await changes.ExecuteAsync(
                entered, collection, birth.Id, current, ETagCondition.Parse(new StringValues(operation.IfMatch)), EditOf(operation), ct);
    }

    private static RecordEdit EditOf(BatchOperation operation) => operation.Op switch
    {
        BatchOperation.Put => new RecordEdit.Replace(operation.Fields ?? default),
        BatchOperation.Patch => new RecordEdit.Patch(operation.Fields ?? default),
        BatchOperation.Delete => new RecordEdit.Delete(),
        _ => throw new UnreachableException(),
    };

    private async Task<WritePlan> PlanCreateAsync(
        ScopeAccess entered, CollectionModel collection, BatchOperation operation, Birth birth, StoredRecord? current, CancellationToken ct)
    {
        var plan = await creates.ExecuteAsync(entered, collection, birth, operation.Fields ?? default, ct);
        if (plan is not WritePlan.Planned planned || current is null)
        {
            return plan;
        }

        // As for a single create: the id of a deleted record is its owner's to use again.
        return current.Deleted && current.Owner == entered.Caller.Id
            ? planned with { Change = new RecordChange(ServerWrite.Recreate(current, planned.Record), current.ETag) }
            : new WritePlan.Refused(new RecordOutcome.AlreadyExists(collection.Name, birth.Id.Value));
    }
}
