using System.Collections.Frozen;
using System.Text.Json;

namespace Backend.Model;

/// <summary>Reads the indexes of a collection: its option <c>indexes</c>, and one of each field that is <c>indexed</c>.</summary>
internal static class IndexReader
{
    /// <summary>What has an order, and short values that are the same on every database.</summary>
    public static readonly FieldType[] Types =
    [
        FieldType.String, FieldType.Integer, FieldType.Number, FieldType.Boolean, FieldType.Timestamp, FieldType.Reference,
        FieldType.Counter,
    ];

    public static IReadOnlyList<IndexModel> Read(JsonNodeReader root, FrozenDictionary<string, FieldModel> fields)
    {
        var indexes = new List<IndexModel>();
        foreach (var field in fields.Values.Where(field => field.Indexed).OrderBy(field => field.Name, StringComparer.Ordinal))
        {
            if (FindFault(field) is { } fault && Types.Contains(field.Type))
            {
                root.Error($"fields.{field.Name}.indexed", fault);
            }

            indexes.Add(new IndexModel([new IndexKey(field.Name, false)]));
        }

        foreach (var (path, element) in Elements("indexes", root.Read("indexes", JsonValueKind.Array)))
        {
            if (ReadIndex(root, path, element, fields) is not { } index)
            {
                continue;
            }

            if (indexes.Exists(other => other.Serves(index.Keys)))
            {
                root.Error(path, "is declared already: an index serves its order in both directions");
            }

            indexes.Add(index);
        }

        if (indexes.Count > IndexModel.MaxIndexes)
        {
            root.Error("indexes", $"a collection has at most {IndexModel.MaxIndexes} indexes, those of indexed fields included");
        }

        return indexes;
    }

    private static IndexModel? ReadIndex(
        JsonNodeReader root, string path, JsonElement element, FrozenDictionary<string, FieldModel> fields)
    {
        if (element.ValueKind is not JsonValueKind.Array || element.GetArrayLength() is < 1 or > IndexModel.MaxKeys)
        {
            root.Error(path, $"expected an array of 1 to {IndexModel.MaxKeys} names, each with '-' before it for descending");
            return null;
        }

        var keys = new List<IndexKey>();
        foreach (var (place, name) in Elements(path, element))
        {
            var key = IndexKey.Parse(name.ValueKind is JsonValueKind.String ? name.GetString() ?? "" : "");
            var fault = key.Name.Length == 0 ? "expected the name of a field"
                : keys.Exists(other => other.Name == key.Name) ? $"'{key.Name}' is there twice"
                : !key.IsField ? null
                : fields.TryGetValue(key.Name, out var field) ? FindFault(field)
                : $"there is no field '{key.Name}'; {string.Join(", ", IndexKey.Reserved)} can be named, too";
            if (fault is not null)
            {
                root.Error(place, fault);
                return null;
            }

            keys.Add(key);
        }

        return new IndexModel(keys);
    }

    /// <summary>Why a field cannot be a key; null when it can.</summary>
    private static string? FindFault(FieldModel field)
    {
        if (!Types.Contains(field.Type))
        {
            return $"a field of type {FieldReader.NameOf(field.Type)} has no order; one of {string.Join(", ", Types.Select(FieldReader.NameOf))} has";
        }

        if (field.Encrypted)
        {
            return "an encrypted field has no order: the database does not see its values";
        }

        return field.Type is FieldType.String && LongestText(field) > IndexModel.MaxTextLength
            ? $"an indexed string has a maxLength of at most {IndexModel.MaxTextLength}: cursors hold its values"
            : null;
    }

    private static int LongestText(FieldModel field) =>
        field.Enum is { } choices ? choices.Select(choice => choice.Length).DefaultIfEmpty().Max() : field.MaxLength ?? FieldChecks.DefaultMaxLength;

    private static IEnumerable<(string Path, JsonElement Element)> Elements(string path, JsonElement? array) =>
        array is { } elements ? elements.EnumerateArray().Select((element, i) => ($"{path}[{i}]", element)) : [];
}
