using Backend.Http;
using Backend.Model;
using Backend.Rules;

namespace Backend.Records;

/// <summary>Reads the parameter <c>sort</c>: names, each with <c>-</c> before it for descending, that an index serves.</summary>
internal static class ListSort
{
    private const string Parameter = "sort";
    private const string Id = "id";

    /// <summary>The longest text, in characters: the keys of an index and the id.</summary>
    private const int MaxLength = 400;

    /// <summary>By what tombstones can be listed, in any collection.</summary>
    private const string DeletedAt = "updatedAt";

    /// <returns>The keys before the id, and the id's direction.</returns>
    public static (IReadOnlyList<IndexKey> Keys, bool Descending) Read(
        CollectionModel collection, string? text, bool deleted, List<FieldError> errors)
    {
        if (text is null)
        {
            return ([], false);
        }

        var keys = new List<IndexKey>();
        if (FindFault(collection, text, keys) is { } fault)
        {
            errors.Add(new FieldError(Parameter, "invalid_sort", fault.ToString()));
            return ([], false);
        }

        // The id has the direction of the key before it, so that an index read backwards is the same order reversed.
        var last = keys[^1];
        if (last.Name == Id)
        {
            keys.RemoveAt(keys.Count - 1);
        }

        if (keys is [.., var key] && key.Descending != last.Descending)
        {
            errors.Add(new FieldError(Parameter, "unindexed_sort", $"The id follows the direction of {key.Name}; leave it out."));
        }
        else if (deleted && keys is not ([] or [{ Name: DeletedAt }]))
        {
            errors.Add(new FieldError(Parameter, "unindexed_sort", $"Deleted records are listed by {Id} or {DeletedAt}."));
        }
        else if (!deleted && keys.Count > 0 && !collection.Indexes.Any(index => index.Serves(keys)))
        {
            errors.Add(new FieldError(Parameter, "unindexed_sort", Advice(collection, keys)));
        }

        return (keys, last.Descending);
    }

    private static RuleError? FindFault(CollectionModel collection, string text, List<IndexKey> keys)
    {
        if (text.Length > MaxLength)
        {
            return new RuleError($"the list is longer than {MaxLength} characters", MaxLength, 0);
        }

        var position = 0;
        foreach (var part in text.Split(','))
        {
            var key = IndexKey.Parse(part);
            if (FindFault(collection, key, keys) is { } fault)
            {
                return new RuleError(fault, position, part.Length);
            }

            keys.Add(key);
            position += part.Length + 1;
        }

        return null;
    }

    private static string? FindFault(CollectionModel collection, IndexKey key, List<IndexKey> before)
    {
        if (key.Name.Length == 0)
        {
            return "expected the name of a field";
        }

        if (before is [.., { Name: Id }])
        {
            return "nothing can follow the id, which no two records share";
        }

        if (before.Exists(other => other.Name == key.Name))
        {
            return $"'{key.Name}' is there twice";
        }

        if (key.Name == Id || !key.IsField)
        {
            return null;
        }

        if (!collection.Fields.TryGetValue(key.Name, out var field))
        {
            return $"{collection.Name} has no field '{key.Name}' to sort by";
        }

        return IndexReader.Types.Contains(field.Type)
            ? null
            : $"a field of type {FieldReader.NameOf(field.Type)} has no order";
    }

    private static string Advice(CollectionModel collection, List<IndexKey> keys)
    {
        var names = string.Join(", ", keys.Select(key => $"\"{key}\""));
        var single = keys is [{ IsField: true } only] ? $"\"indexed\": true in its field {only.Name}, or " : "";
        return keys.Count > IndexModel.MaxKeys
            ? $"An index has at most {IndexModel.MaxKeys} keys."
            : $"{collection.Name} has no index of this order. The model declares one by {single}\"indexes\": [[{names}]].";
    }
}
