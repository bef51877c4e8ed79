using System.Text.Json;
using Backend.Http;
using Backend.Model;
using Backend.Records;
using Backend.Rules;
using Backend.Security;

namespace Backend.Admin;

/// <summary>The record that a request to explain means, before and after what it does, or what is wrong with the request.</summary>
internal sealed class ExplainedRecords(CollectionModel collection, ExplainRequest request, DateTimeOffset now)
{
    private readonly List<FieldError> _errors = [];

    public IReadOnlyList<FieldError> Errors => _errors;

    /// <summary>What contradicts itself in the request, whatever is stored.</summary>
    public bool IsConsistent()
    {
        var isCreate = request.Operation is RecordOperation.Create;
        Check(Caller.IsValidId(request.Caller.Id), "$.caller.id", "invalid_subject", "Expected 1 to 255 printable ASCII characters without spaces.");
        Check(request.Id is null || request.Record is null, "$.id", "duplicate", "State either id or record, not both.");
        Check(request.Record is not null || !isCreate, "$.record", "required", "A create needs the record that the caller would send.");
        Check(request.Record is not null || request.Id is not null || isCreate, "$.id", "required", "State id, or the record itself.");
        Check(request.Id is null || RecordId.TryParse(request.Id, out _), "$.id", "invalid_id", $"An id has 1 to {RecordId.MaxLength} letters, digits, hyphens and underscores.");
        Check(request.Record is null or { ValueKind: JsonValueKind.Object }, "$.record", "wrong_type", "Expected an object.");
        Check(request.Changes is null or { ValueKind: JsonValueKind.Object }, "$.changes", "wrong_type", "Expected an object.");
        Check(request.Changes is null || request.Operation is RecordOperation.Update, "$.changes", "not_supported", "Only an update has changes.");
        return _errors.Count == 0;
    }

    /// <summary>The stored record that the request names, or the one that it states; null when there is none, or it is wrong.</summary>
    public async Task<StoredRecord?> ReadAsync(IRecordStore store, Scope scope, CancellationToken ct)
    {
        if (request.Record is { } stated)
        {
            return Assume(scope, stated);
        }

        return RecordId.TryParse(request.Id, out var id)
            && await store.FindAsync(new RecordKey(scope, collection.Name, id), ct) is { Deleted: false } found
            ? found
            : null;
    }

    /// <summary>The record as the operation would leave it, and as the rules are asked about it.</summary>
    public StoredRecord Change(StoredRecord current)
    {
        if (request.Operation is RecordOperation.Read or RecordOperation.Create)
        {
            return current;
        }

        var fields = current.Fields;
        if (request.Changes is { } changes)
        {
            AddErrors("$.changes", RecordInput.Patch(collection, changes, current.Fields, out fields));
        }

        return current with { Fields = fields, UpdatedAt = now, Deleted = request.Operation is RecordOperation.Delete };
    }

    private StoredRecord? Assume(Scope scope, JsonElement stated)
    {
        var id = RecordId.New(now);
        if (Text(stated, "id") is { } text && !RecordId.TryParse(text, out id))
        {
            _errors.Add(new FieldError("$.record.id", "invalid_id", "This is no id."));
        }

        var created = Time(stated, "createdAt");
        var updated = Time(stated, "updatedAt");
        RecordFields fields;
        AddErrors("$.record", request.Operation is RecordOperation.Create
            ? RecordInput.Create(collection, stated, ModelNames.ReservedInRecords, out fields)
            : RecordInput.Amend(collection, RecordFields.Empty, OwnFields(stated), out fields));
        return _errors.Count > 0 ? null : new StoredRecord
        {
            Key = new RecordKey(scope, collection.Name, id),
            Owner = request.Operation is RecordOperation.Create ? request.Caller.Id : Text(stated, "owner") ?? request.Caller.Id,
            CreatedAt = created,
            UpdatedAt = updated,
            Fields = fields,
        };
    }

    /// <summary>A record may be stated as the API answers it, with what the server sets.</summary>
    private static Dictionary<string, JsonElement> OwnFields(JsonElement stated) => stated.EnumerateObject()
        .Where(static property => !ModelNames.ReservedInRecords.Contains(property.Name))
        .ToDictionary(static property => property.Name, static property => property.Value, StringComparer.Ordinal);

    private string? Text(JsonElement stated, string name)
    {
        if (!stated.TryGetProperty(name, out var value) || value.ValueKind is JsonValueKind.String or JsonValueKind.Null)
        {
            return value.ValueKind is JsonValueKind.String ? value.GetString() : null;
        }

        _errors.Add(new FieldError($"$.record.{name}", "wrong_type", "Expected a string."));
        return null;
    }

    private DateTimeOffset Time(JsonElement stated, string name)
    {
        if (Text(stated, name) is not { } text)
        {
            return now;
        }

        Check(FieldChecks.TryReadTimestamp(text, out var instant), $"$.record.{name}", "wrong_type", "Expected an RFC 3339 timestamp with its offset.");
        return instant;
    }

    private void Check(bool holds, string path, string code, string message)
    {
        if (!holds)
        {
            _errors.Add(new FieldError(path, code, message));
        }
    }

    private void AddErrors(string path, IReadOnlyList<FieldError> errors) =>
        _errors.AddRange(errors.Select(error => error with { Path = path + error.Path[1..] }));
}
