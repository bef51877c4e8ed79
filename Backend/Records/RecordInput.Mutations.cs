using System.Collections.Frozen;
using System.Text.Json;
using Backend.Http;
using Backend.Model;

namespace Backend.Records;

/// <remarks>What mutations of sync send.</remarks>
internal sealed partial class RecordInput
{
    /// <summary>
    /// A mutation's whole record: as creating, or as replacing but for counters, which a whole record says nothing about
    /// that could be merged. Operations may stand where they can.
    /// </summary>
    /// <param name="collection">The record's collection.</param>
    /// <param name="body">What was sent.</param>
    /// <param name="current">The fields as they are; null when the record is created.</param>
    /// <param name="fields">The fields as they would be if nobody else had written since.</param>
    public static IReadOnlyList<FieldError> Put(
        CollectionModel collection, JsonElement body, RecordFields? current, out RecordFields fields)
    {
        var input = new RecordInput(collection, current ?? RecordFields.Empty, current is null ? InputKind.FirstPut : InputKind.Put);
        input.SetDefaults();
        input.Keep(name => !collection.Fields.TryGetValue(name, out var field) || field.ServerOnly || field.Type is FieldType.Counter);
        input.Apply(body, FrozenSet<string>.Empty);
        input.CheckImmutable();
        return input.Finish(out fields);
    }

    /// <summary>A mutation's patch: as <see cref="Patch"/>, but json values are replaced whole, and counters only add.</summary>
    public static IReadOnlyList<FieldError> MergePatch(
        CollectionModel collection, JsonElement body, RecordFields current, out RecordFields fields)
    {
        var input = new RecordInput(collection, current, InputKind.MergePatch);
        input.Keep(static _ => true);
        input.Apply(body, FrozenSet<string>.Empty);
        input.CheckImmutable();
        return input.Finish(out fields);
    }

    /// <summary>Whether a counter takes a value: mutations could not merge it, but for the one that creates the record.</summary>
    private bool IsCounterSet(FieldModel field, JsonElement value)
    {
        if (_kind is InputKind.MergePatch)
        {
            Error(field.Name, "wrong_type", "A mutation changes a counter by {\"$increment\": n}.");
        }
        else if (_kind is InputKind.Put && value.ValueKind is not JsonValueKind.Null && FieldChecks.Find(field, value) is { } problem)
        {
            Error(field.Name, problem.Code, problem.Message); // left alone, but not because it is wrong
        }

        return _kind is not (InputKind.Put or InputKind.MergePatch);
    }
}
