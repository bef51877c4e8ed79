using System.Text.Json;
using Backend.Http;
using Backend.Model;
using Backend.Records;

namespace Backend.Merging;

/// <summary>Merges a mutation into a record field by field.</summary>
/// <param name="current">The fields as they are.</param>
/// <param name="proposed">The fields as they would be if nobody else had written since.</param>
/// <param name="state">The record's state, which is changed; its version is that of this write already.</param>
/// <param name="mutation">What its writer did.</param>
/// <param name="stamp">The stamp that it has in the end.</param>
internal sealed class FieldMerge(RecordFields current, RecordFields proposed, MergeState state, Mutation mutation, Stamp stamp)
{
    private readonly Dictionary<string, JsonElement> _values = ValuesOf(current);
    private readonly HybridTimestamp _seen = mutation.Base ?? stamp.Time;

    /// <summary>What the merged values violate although the mutation alone did not.</summary>
    public List<FieldError> Errors { get; } = [];

    /// <summary>Whether no field lost to a later write.</summary>
    public bool HasWon { get; private set; } = true;

    public RecordFields Apply(CollectionModel collection)
    {
        if (mutation.Op is MutationOp.Put)
        {
            foreach (var field in collection.Fields.Values.Where(field => !field.ServerOnly))
            {
                Merge(field, mutation.Fields.TryGetProperty(field.Name, out var value) ? value : null);
            }
        }
        else
        {
            foreach (var property in mutation.Fields.EnumerateObject())
            {
                Merge(collection.Fields[property.Name], property.Value); // an unknown one was refused before
            }
        }

        return RecordFields.Of(_values);
    }

    private void Merge(FieldModel field, JsonElement? sent)
    {
        switch (field.Type)
        {
            case FieldType.Counter:
                Take(field); // a sum has no order, and a put leaves the counters that it does not add to
                break;
            case FieldType.Set:
                MergeSet(field, sent ?? field.Default);
                break;
            case FieldType.Integer when sent is { ValueKind: JsonValueKind.Object }:
                Take(field);
                state.Stamps[field.Name] = stamp > state.StampOf(field.Name) ? stamp : state.StampOf(field.Name);
                break;
            default:
                MergeRegister(field);
                break;
        }
    }

    /// <summary>Last writer wins.</summary>
    private void MergeRegister(FieldModel field)
    {
        if (stamp > state.StampOf(field.Name))
        {
            Take(field);
            state.Stamps[field.Name] = stamp;
        }
        else
        {
            HasWon = false;
        }
    }

    private void MergeSet(FieldModel field, JsonElement? sent)
    {
        var before = SetMerge.ElementsOf(_values.TryGetValue(field.Name, out var found) ? found : null);
        var change = sent is { } value ? SetChange.Read(value) : new SetChange([], null);
        var after = SetMerge.Apply(state, field.Name, before, change, mutation.Writer, _seen);
        if (after.Count == 0 && !field.Required)
        {
            _values.Remove(field.Name); // empty or absent, whoever came last
            return;
        }

        after.Sort(StringComparer.Ordinal);

        var merged = JsonText.Array(after);
        if (FieldChecks.Find(field, merged) is { } problem)
        {
            Errors.Add(new FieldError($"$.{field.Name}", problem.Code, problem.Message));
        }

        _values[field.Name] = merged;
    }

    private void Take(FieldModel field)
    {
        if (proposed.TryGet(field.Name, out var value))
        {
            _values[field.Name] = value;
        }
        else
        {
            _values.Remove(field.Name);
        }
    }

    private static Dictionary<string, JsonElement> ValuesOf(RecordFields fields)
    {
        var values = new Dictionary<string, JsonElement>(StringComparer.Ordinal);
        foreach (var property in fields.Element.EnumerateObject())
        {
            values[property.Name] = property.Value;
        }

        return values;
    }
}
