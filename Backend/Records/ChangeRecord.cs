using System.Text.Json;
using Backend.Http;
using Backend.Model;
using Backend.Rules;
using Backend.Security;

namespace Backend.Records;

/// <summary>Replaces, patches or deletes one record.</summary>
internal sealed class ChangeRecord(RecordAccess access, ReadRecord read, IRecordStore store, TimeProvider time)
{
    /// <summary>How often an unconditional change is tried again when others write the record at the same time.</summary>
    private const int MaxAttempts = 5;

    public Task<RecordOutcome> ReplaceAsync(
        Caller caller, RecordAddress address, JsonElement body, CancellationToken ct) =>
        ChangeAsync(caller, address, RecordOperation.Update, (collection, current) =>
            (RecordInput.Replace(collection, body, current.Fields, out var fields), current with { Fields = fields }), ct);

    public Task<RecordOutcome> PatchAsync(
        Caller caller, RecordAddress address, JsonElement body, CancellationToken ct) =>
        ChangeAsync(caller, address, RecordOperation.Update, (collection, current) =>
            (RecordInput.Patch(collection, body, current.Fields, out var fields), current with { Fields = fields }), ct);

    public Task<RecordOutcome> DeleteAsync(Caller caller, RecordAddress address, CancellationToken ct) =>
        ChangeAsync(caller, address, RecordOperation.Delete, static (_, current) =>
            ([], current with { Deleted = true }), ct);

    private async Task<RecordOutcome> ChangeAsync(
        Caller caller,
        RecordAddress address,
        RecordOperation operation,
        Func<CollectionModel, StoredRecord, (IReadOnlyList<FieldError> Errors, StoredRecord Record)> change,
        CancellationToken ct)
    {
        for (var attempt = 0; attempt < MaxAttempts; attempt++)
        {
            var found = await read.ExecuteAsync(caller, address.Collection, address.Id, address.Scope, ct);
            if (found is not RecordOutcome.Done { Record: var current }
                || !access.TryGetCollection(address.Collection, out var collection))
            {
                return found;
            }

            // Input that is wrong changes nothing, so the rule is asked about the record as it is: whoever may not
            // change it learns that, and not what is wrong.
            var (errors, changed) = change(collection, current);
            changed = (errors.Count > 0 ? current : changed) with { UpdatedAt = time.GetUtcNow() };
            if (!access.Allows(operation, caller, changed, Previous(operation, current)))
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

            if (await store.ReplaceAsync(changed, current.ETag, ct) is WriteOutcome.Written written)
            {
                return new RecordOutcome.Done(written.Record);
            }
        }

        return new RecordOutcome.Contended();
    }

    private static StoredRecord? Previous(RecordOperation operation, StoredRecord current) =>
        operation is RecordOperation.Update ? current : null;
}

/// <summary>Which record a request means, and which version of it.</summary>
/// <param name="Collection">The collection's name as sent.</param>
/// <param name="Id">The id as sent.</param>
/// <param name="Scope">The scope as sent; null for the collection's default.</param>
/// <param name="IfMatch">The versions that the caller accepts.</param>
internal sealed record RecordAddress(string Collection, string Id, string? Scope, ETagCondition IfMatch);
