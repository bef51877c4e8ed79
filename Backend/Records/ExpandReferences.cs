using Backend.Http;
using Backend.Model;
using Backend.Rules;

namespace Backend.Records;

/// <summary>
/// Fetches the records that references point to, one level deep: each once, as far as the caller may read it. A
/// reference points into the scope of its record, or into the public scope of its collection.
/// </summary>
internal sealed class ExpandReferences(RecordAccess access, IRecordStore store)
{
    private const string Parameter = "expand";

    /// <summary>The most references that one request expands; each may cost a fetch for every record of the page.</summary>
    private const int MaxNames = 5;

    /// <summary>The longest text, in characters: as many names.</summary>
    private const int MaxLength = 400;

    /// <summary>Reads the parameter <c>expand</c>; empty when it is not there.</summary>
    public static IReadOnlyList<FieldModel> Read(CollectionModel collection, string? text, List<FieldError> errors)
    {
        var fields = new List<FieldModel>();
        if (text is not null && FindFault(collection, text, fields) is { } fault)
        {
            errors.Add(new FieldError(Parameter, "invalid_expand", fault.ToString()));
        }

        return fields;
    }

    /// <returns>Null when there is nothing to expand.</returns>
    public async Task<ExpandedRecords?> ExecuteAsync(
        ScopeAccess entered, IReadOnlyList<FieldModel> fields, IReadOnlyList<StoredRecord> records, CancellationToken ct)
    {
        if (fields.Count == 0)
        {
            return null;
        }

        var found = await Task.WhenAll(fields
            .GroupBy(ExpandedRecords.TargetOf, StringComparer.Ordinal)
            .Select(target => FetchAsync(entered, target.Key, ExpandedRecords.IdsOf(target, records), ct)));
        return new ExpandedRecords(
            fields, found.SelectMany(part => part).ToDictionary(record => (record.Key.Collection, record.Key.Id)));
    }

    private async Task<IEnumerable<StoredRecord>> FetchAsync(
        ScopeAccess entered, string collection, HashSet<RecordId> ids, CancellationToken ct)
    {
        var scope = access.TryGetCollection(collection, out var model) && model.IsPublic
            ? Scope.ForPublic(collection)
            : entered.Scope;
        var target = scope == entered.Scope ? entered : await access.EnterAsync(entered.Caller, scope, ct);
        if (target is null || ids.Count == 0)
        {
            return [];
        }

        var records = await store.FindManyAsync(scope, collection, ids, ct);
        return records.Where(record => access.CanRead(target, record));
    }

    private static RuleError? FindFault(CollectionModel collection, string text, List<FieldModel> fields)
    {
        if (text.Length > MaxLength)
        {
            return new RuleError($"the list is longer than {MaxLength} characters", MaxLength, 0);
        }

        var position = 0;
        foreach (var name in text.Split(','))
        {
            var fault = fields.Count == MaxNames ? $"there are more than {MaxNames} names"
                : !collection.Fields.TryGetValue(name, out var field) ? $"{collection.Name} has no field '{name}'"
                : field.Type is not FieldType.Reference ? $"{name} is no reference"
                : fields.Contains(field) ? $"'{name}' is there twice"
                : null;
            if (fault is not null)
            {
                return new RuleError(fault, position, name.Length);
            }

            fields.Add(collection.Fields[name]);
            position += name.Length + 1;
        }

        return null;
    }
}

/// <summary>What the references of some records point to.</summary>
/// <param name="fields">The references, in the order in which they were asked for.</param>
/// <param name="targets">The records that there are and that the caller may read.</param>
internal sealed class ExpandedRecords(
    IReadOnlyList<FieldModel> fields, IReadOnlyDictionary<(string Collection, RecordId Id), StoredRecord> targets)
{
    public IReadOnlyList<FieldModel> Fields => fields;

    /// <summary>Null when the field has no value, or points to what does not exist as far as the caller may know.</summary>
    public StoredRecord? Find(StoredRecord record, FieldModel field) =>
        IdOf(record, field) is { } id ? targets.GetValueOrDefault((TargetOf(field), id)) : null;

    public static string TargetOf(FieldModel field) => field.Collection ?? ""; // the model's reader makes sure of it

    public static HashSet<RecordId> IdsOf(IEnumerable<FieldModel> fields, IReadOnlyList<StoredRecord> records) =>
        [.. fields.SelectMany(field => records.Select(record => IdOf(record, field))).OfType<RecordId>()];

    private static RecordId? IdOf(StoredRecord record, FieldModel field) =>
        record.Fields.TryGet(field.Name, out var value)
        && value.ValueKind is System.Text.Json.JsonValueKind.String
        && RecordId.TryParse(value.GetString(), out var id)
            ? id
            : null;
}
