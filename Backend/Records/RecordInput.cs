using System.Collections.Frozen;
using System.Text.Json;
using Backend.Http;
using Backend.Model;

namespace Backend.Records;

/// <summary>
/// Turns what a client sent into the fields to store, or into every error that is in it. All writes of clients come
/// through here.
/// </summary>
internal sealed partial class RecordInput
{
    private readonly CollectionModel _collection;
    private readonly RecordFields _current;
    private readonly List<FieldError> _errors = [];
    private readonly Dictionary<string, JsonElement> _values;
    private readonly InputKind _kind;

    private RecordInput(CollectionModel collection, RecordFields current, InputKind kind)
    {
        _collection = collection;
        _current = current;
        _kind = kind;
        _values = new Dictionary<string, JsonElement>(collection.Fields.Count, StringComparer.Ordinal);
    }

    /// <summary>A new record: defaults fill in what is not sent.</summary>
    /// <param name="collection">The collection that the record joins.</param>
    /// <param name="body">What the client sent.</param>
    /// <param name="address">Reserved names that the caller has read on its own.</param>
    /// <param name="fields">The fields to store.</param>
    public static IReadOnlyList<FieldError> Create(
        CollectionModel collection, JsonElement body, IReadOnlySet<string> address, out RecordFields fields)
    {
        var input = new RecordInput(collection, RecordFields.Empty, InputKind.Values);
        input.SetDefaults();
        input.Apply(body, address);
        return input.Finish(out fields);
    }

    /// <summary>A whole new value, defaults included; only what clients cannot send is kept.</summary>
    public static IReadOnlyList<FieldError> Replace(
        CollectionModel collection, JsonElement body, RecordFields current, out RecordFields fields)
    {
        var input = new RecordInput(collection, current, InputKind.Values);
        input.SetDefaults();
        input.Keep(name => !collection.Fields.TryGetValue(name, out var field) || field.ServerOnly);
        input.Apply(body, FrozenSet<string>.Empty);
        input.CheckImmutable();
        return input.Finish(out fields);
    }

    /// <summary>
    /// A JSON merge patch (RFC 7396): null removes, what is not sent stays. Counters and sets also take
    /// <see cref="FieldOperation"/>s.
    /// </summary>
    public static IReadOnlyList<FieldError> Patch(
        CollectionModel collection, JsonElement body, RecordFields current, out RecordFields fields)
    {
        var input = new RecordInput(collection, current, InputKind.Patch);
        input.Keep(static _ => true);
        input.Apply(body, FrozenSet<string>.Empty);
        input.CheckImmutable();
        return input.Finish(out fields);
    }

    /// <summary>What hooks change: any field, serverOnly and immutable ones too.</summary>
    public static IReadOnlyList<FieldError> Amend(
        CollectionModel collection, RecordFields fields, IReadOnlyDictionary<string, JsonElement> changes, out RecordFields amended)
    {
        var input = new RecordInput(collection, fields, InputKind.Values);
        input.Keep(static _ => true);
        foreach (var (name, value) in changes)
        {
            if (collection.Fields.TryGetValue(name, out var field))
            {
                input.Set(field, value);
            }
            else
            {
                input.Error(name, "unknown_field", $"{collection.Name} has no such field.");
            }
        }

        return input.Finish(out amended);
    }

    /// <summary>What is wrong with fields that the application made, serverOnly ones among them.</summary>
    public static IReadOnlyList<FieldError> Check(CollectionModel collection, RecordFields fields) => Amend(
        collection, RecordFields.Empty,
        fields.Element.EnumerateObject().ToDictionary(field => field.Name, field => field.Value, StringComparer.Ordinal), out _);

    private void SetDefaults()
    {
        foreach (var field in _collection.Fields.Values)
        {
            if (field.Default is { } value)
            {
                _values[field.Name] = value;
            }
        }
    }

    private void Keep(Func<string, bool> which)
    {
        foreach (var property in _current.Element.EnumerateObject())
        {
            var name = property.Name;
            if (which(name))
            {
                _values[name] = property.Value;
            }
        }
    }

    private void Apply(JsonElement body, IReadOnlySet<string> address)
    {
        foreach (var property in body.EnumerateObject())
        {
            var name = property.Name;
            if (_collection.Fields.TryGetValue(name, out var field) && !field.ServerOnly)
            {
                Set(field, property.Value);
            }
            else if (field is not null)
            {
                Error(name, "server_only", "Only the server sets this field; leave it out.");
            }
            else if (ModelNames.ReservedInRecords.Contains(name))
            {
                if (!address.Contains(name))
                {
                    Error(name, "read_only", "The server sets this; leave it out.");
                }
            }
            else
            {
                Error(name, "unknown_field", $"{_collection.Name} has no such field.");
            }
        }
    }

    private void Set(FieldModel field, JsonElement value)
    {
        var isOperation = _kind is not InputKind.Values && FieldOperation.IsOperation(field, value);
        if (field.Type is FieldType.Counter && !isOperation && !IsCounterSet(field, value))
        {
            return;
        }

        if (value.ValueKind is JsonValueKind.Null)
        {
            _values.Remove(field.Name);
            return;
        }

        var current = _values.TryGetValue(field.Name, out var found) ? found : (JsonElement?)null;
        if (isOperation)
        {
            // A whole record's operation is one on what there is, not on the default.
            var on = _kind is InputKind.Put ? (_current.TryGet(field.Name, out var stored) ? stored : null) : current;
            if (FieldOperation.Apply(field, on, value, out value) is { } wrong)
            {
                Error(field.Name, wrong.Code, wrong.Message);
                return;
            }
        }
        else if (_kind is InputKind.Patch && field.Type is FieldType.Json && current is { } target)
        {
            value = Records.MergePatch.Apply(target, value);
        }

        if (FieldChecks.Find(field, value) is { } problem)
        {
            Error(field.Name, problem.Code, problem.Message);
        }

        _values[field.Name] = value;
    }

    private void CheckImmutable()
    {
        foreach (var field in _collection.Fields.Values)
        {
            if (field.Immutable
                && _current.TryGet(field.Name, out var before)
                && !(_values.TryGetValue(field.Name, out var after) && JsonElement.DeepEquals(before, after)))
            {
                Error(field.Name, "immutable", "The value cannot change once it is set.");
            }
        }
    }

    private List<FieldError> Finish(out RecordFields fields)
    {
        foreach (var field in _collection.Fields.Values)
        {
            if (field.Required && !_values.ContainsKey(field.Name))
            {
                Error(field.Name, "required", "The field is missing.");
            }
        }

        fields = _errors.Count == 0 ? new RecordFields(JsonText.WriteUtf8(this, static (input, writer) => input.WriteValues(writer))) : RecordFields.Empty;
        return _errors;
    }

    private void WriteValues(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        foreach (var (name, value) in _values)
        {
            writer.WritePropertyName(name);
            if (_collection.Fields.TryGetValue(name, out var field)
                && field.Type is FieldType.Timestamp
                && FieldChecks.TryReadTimestamp(value, out var instant))
            {
                writer.WriteStringValue(Timestamps.Format(instant));
            }
            else
            {
                value.WriteTo(writer);
            }
        }

        writer.WriteEndObject();
    }

    private void Error(string field, string code, string message) =>
        _errors.Add(new FieldError($"$.{field}", code, message));

    private enum InputKind
    {
        /// <summary>What is sent is what the fields become.</summary>
        Values,

        /// <summary>The data API's patch.</summary>
        Patch,

        /// <summary>A mutation's whole record of one that is there.</summary>
        Put,

        /// <summary>A mutation's whole record of one that is not there.</summary>
        FirstPut,

        /// <summary>A mutation's patch.</summary>
        MergePatch,
    }
}
