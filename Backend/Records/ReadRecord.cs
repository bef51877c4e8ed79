using Backend.Http;
using Backend.Security;

namespace Backend.Records;

/// <summary>Reads one record.</summary>
internal sealed class ReadRecord(RecordAccess access, IRecordStore store, ExpandReferences references)
{
    /// <summary>Parts of a record, or with what its references point to, as a request asks.</summary>
    public async Task<RecordOutcome> ExecuteAsync(Caller caller, string collection, string id, ReadRequest request, CancellationToken ct)
    {
        if (!access.TryGetCollection(collection, out var model))
        {
            return new RecordOutcome.CollectionNotFound(collection);
        }

        if (await access.ResolveAsync(caller, model, request.Scope, ct) is not { } entered)
        {
            return new RecordOutcome.ScopeNotFound(request.Scope);
        }

        var errors = new List<FieldError>();
        var projection = Projection.Read(model, request.Fields, errors);
        var expand = ExpandReferences.Read(model, request.Expand, errors);
        if (errors.Count > 0)
        {
            return new RecordOutcome.Invalid(errors);
        }

        return await ExecuteAsync(entered, collection, id, ct) switch
        {
            RecordOutcome.Done done => done with
            {
                Shape = new RecordShape(projection, await references.ExecuteAsync(entered, expand, [done.Record], ct)),
            },
            var other => other,
        };
    }

    /// <summary>A record in a scope that the caller has entered already.</summary>
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

/// <summary>Which part of a record is asked for, as sent.</summary>
internal sealed record ReadRequest(string? Scope = null, string? Fields = null, string? Expand = null);
