using System.Text.Json;
using Backend.Http;
using Backend.Model;

namespace Backend.Records;

/// <summary>
/// Changes that say what to do instead of what to be, so that two of them never undo each other:
/// <c>{"$increment": 1}</c> on integers and counters, <c>{"$add": [...], "$remove": [...]}</c> on sets.
/// </summary>
internal static class FieldOperation
{
    private const string Increment = "$increment";
    private const string Add = "$add";
    private const string Remove = "$remove";

    /// <summary>An object means an operation where no object could be the value.</summary>
    public static bool IsOperation(FieldModel field, JsonElement value) =>
        value.ValueKind is JsonValueKind.Object && field.Type is not FieldType.Json;

    /// <param name="field">The field.</param>
    /// <param name="current">Its value; null when it has none, which counts as zero or as the empty set.</param>
    /// <param name="operation">What was sent.</param>
    /// <param name="result">The new value, still to be checked against the field's limits.</param>
    /// <returns>What is wrong with the operation; null when nothing is.</returns>
    public static FieldProblem? Apply(FieldModel field, JsonElement? current, JsonElement operation, out JsonElement result)
    {
        result = operation;
        return field.Type switch
        {
            FieldType.Counter or FieldType.Integer => AddNumber(current, operation, ref result),
            FieldType.Set => ChangeSet(current, operation, ref result),
            _ => new FieldProblem("wrong_type", "A field of this type takes a value, not an operation."),
        };
    }

    private static FieldProblem? AddNumber(JsonElement? current, JsonElement operation, ref JsonElement result)
    {
        if (operation.GetPropertyCount() != 1
            || !operation.TryGetProperty(Increment, out var step)
            || step.ValueKind is not JsonValueKind.Number
            || !step.TryGetInt64(out var by))
        {
            return new FieldProblem("invalid_operation", $"Expected {{\"{Increment}\": n}} with a whole number of 64 bits.");
        }

        var sum = (Int128)(current?.GetInt64() ?? 0) + by;
        if (sum != (long)sum)
        {
            return new FieldProblem("too_large", "The sum is no whole number of 64 bits.");
        }

        result = JsonText.Write(writer => writer.WriteNumberValue((long)sum));
        return null;
    }

    private static FieldProblem? ChangeSet(JsonElement? current, JsonElement operation, ref JsonElement result)
    {
        var elements = current?.EnumerateArray().Select(element => element.GetString() ?? "").ToList() ?? [];
        foreach (var property in operation.EnumerateObject())
        {
            if (property.Name is not (Add or Remove) || !TryReadStrings(property.Value, out var named))
            {
                return new FieldProblem("invalid_operation", $"Expected {{\"{Add}\": [...], \"{Remove}\": [...]}} with strings, at least one of both.");
            }

            // Removing goes by what the set held; an element that is both removed and added stays.
            elements = property.Name == Add
                ? [.. elements.Union(named, StringComparer.Ordinal)]
                : [.. elements.Except(named.Except(Named(operation, Add), StringComparer.Ordinal), StringComparer.Ordinal)];
        }

        result = JsonText.Array(elements);
        return operation.GetPropertyCount() > 0 ? null : new FieldProblem("invalid_operation", "The operation is empty.");
    }

    private static List<string> Named(JsonElement operation, string name) =>
        operation.TryGetProperty(name, out var value) && TryReadStrings(value, out var strings) ? strings : [];

    private static bool TryReadStrings(JsonElement value, out List<string> strings)
    {
        strings = [];
        if (value.ValueKind is not JsonValueKind.Array)
        {
            return false;
        }

        foreach (var element in value.EnumerateArray())
        {
            if (element.ValueKind is not JsonValueKind.String)
            {
                return false;
            }

            strings.Add(element.GetString() ?? "");
        }

        return true;
    }
}
