using Backend.Security;

namespace Backend.Records;

/// <summary>Reads one record.</summary>
internal sealed class ReadRecord(RecordAccess access, IRecordStore store)
{
    public async Task<RecordOutcome> ExecuteAsync(
        Caller caller, string collection, string id, string? statedScope, CancellationToken ct)
    {
        if (!access.TryGetCollection(collection, out var model))
        {
            return new RecordOutcome.CollectionNotFound(collection);
        }

        return await access.ResolveAsync(caller, model, statedScope, ct) is { } entered
            ? await ExecuteAsync(entered, collection, id, ct)
            : new RecordOutcome.ScopeNotFound(statedScope);
    }

    /// <summary>As above, in a scope that the caller has entered already.</summary>
    public async Task<RecordOutcome> ExecuteAsync(ScopeAccess entered, string collection, string id, CancellationToken ct)
    {
        var record = RecordId.TryParse(id, out var recordId)
            ? await store.FindAsync(new RecordKey(entered.Scope, collection, recordId), ct)
            : null;
        return access.CanRead(entered, record)
            ? new RecordOutcome.Done(record)
            : new RecordOutcome.NotFound(collection, id);
    }
}
