using System.Diagnostics;
using System.Text.Json;
using Backend.Hooks;
using Backend.Http;
using Backend.Model;
using Backend.Rules;
using Backend.Security;

namespace Backend.Records;

/// <summary>Replaces, patches or deletes one record.</summary>
internal sealed class ChangeRecord(
    RecordAccess access, RecordHooks hooks, ReadRecord read, IRecordStore store, TimeProvider time)
{
    /// <summary>
    /// How long a change that names no version is tried again while others write the record. Each round somebody's
    /// change gets through, so this is reached only under a load that no record should have.
    /// </summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private delegate IReadOnlyList<FieldError> Change(CollectionModel collection, RecordFields current, out RecordFields fields);

    public Task<RecordOutcome> ReplaceAsync(Caller caller, RecordAddress address, JsonElement body, CancellationToken ct) =>
        ChangeAsync(
            caller, address, RecordOperation.Update,
            (CollectionModel collection, RecordFields current, out RecordFields fields) =>
                RecordInput.Replace(collection, body, current, out fields),
            ct);

    public Task<RecordOutcome> PatchAsync(Caller caller, RecordAddress address, JsonElement body, CancellationToken ct) =>
        ChangeAsync(
            caller, address, RecordOperation.Update,
            (CollectionModel collection, RecordFields current, out RecordFields fields) =>
                RecordInput.Patch(collection, body, current, out fields),
            ct);

    public Task<RecordOutcome> DeleteAsync(Caller caller, RecordAddress address, CancellationToken ct) =>
        ChangeAsync(caller, address, RecordOperation.Delete, KeepFields, ct);

    private async Task<RecordOutcome> ChangeAsync(
        Caller caller, RecordAddress address, RecordOperation operation, Change change, CancellationToken ct)
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
        do
        {
            if (await TryAsync(entered, collection, address, operation, change, ct) is { } outcome)
            {
                return outcome;
            }
        }
        while (time.GetElapsedTime(start) < Patience);

        return new RecordOutcome.Contended();
    }

    /// <summary>Null when somebody else wrote the record between the reading and the writing.</summary>
    private async Task<RecordOutcome?> TryAsync(
        ScopeAccess entered, CollectionModel collection, RecordAddress address, RecordOperation operation, Change change,
        CancellationToken ct)
    {
        var found = await read.ExecuteAsync(entered, address.Collection, address.Id, ct);
        if (found is not RecordOutcome.Done { Record: var current })
        {
            return found;
        }

        var errors = change(collection, current.Fields, out var fields);
        var changed = current with
        {
            // Wrong input changes nothing, so the rule is asked about the record as it is: whoever may not change it
            // learns that, and not what is wrong.
            Fields = errors.Count > 0 ? current.Fields : fields,
            Deleted = operation is RecordOperation.Delete,
            UpdatedAt = time.GetUtcNow(),
        };
        if (!access.Allows(operation, entered, changed, operation is RecordOperation.Update ? current : null))
        {
            return new RecordOutcome.Forbidden(operation, address.Collection);
        }

        if (!address.IfMatch.Matches(current.ETag))
        {
            return new RecordOutcome.PreconditionFailed();
        }

        if (errors.Count > 0)
        {
            return new RecordOutcome.Invalid(errors);
        }

        return await hooks.BeforeAsync(entered.Caller, operation, collection, current, changed, ct) switch
        {
            HookOutcome.Passed passed => await StoreAsync(passed, current.ETag, ct),
            HookOutcome.Rejected rejected => new RecordOutcome.Rejected(rejected.Rejection),
            _ => throw new UnreachableException(),
        };
    }

    private async Task<RecordOutcome?> StoreAsync(HookOutcome.Passed passed, ETag expected, CancellationToken ct)
    {
        if (await store.ReplaceAsync(passed.Record, expected, ct) is not WriteOutcome.Written written)
        {
            return null;
        }

        await hooks.AfterAsync(passed.Write, written.Record, ct);
        return new RecordOutcome.Done(written.Record);
    }

    private static IReadOnlyList<FieldError> KeepFields(CollectionModel collection, RecordFields current, out RecordFields fields)
    {
        fields = current;
        return [];
    }
}

/// <summary>Which record a request means, and which version of it.</summary>
/// <param name="Collection">The collection's name as sent.</param>
/// <param name="Id">The id as sent.</param>
/// <param name="Scope">The scope as sent; null for the collection's default.</param>
/// <param name="IfMatch">The versions that the caller accepts.</param>
internal sealed record RecordAddress(string Collection, string Id, string? Scope, ETagCondition IfMatch);
