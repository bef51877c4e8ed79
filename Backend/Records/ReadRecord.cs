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

        if (RecordAccess.Resolve(caller, model, statedScope) is not { } scope)
        {
            return new RecordOutcome.ScopeNotFound(statedScope);
        }

        var record = RecordId.TryParse(id, out var recordId)
            ? await store.FindAsync(new RecordKey(scope, collection, recordId), ct)
            : null;
        return access.CanRead(caller, record)
            ? new RecordOutcome.Done(record)
            : new RecordOutcome.NotFound(collection, id);
    }
}
