using System.Globalization;
using System.Text.Json;
using Backend.Model;
using Backend.Records;
using Backend.Rules.Sql;
using Microsoft.Azure.Cosmos;

namespace Backend.Azure.Records;

/// <summary>
/// A query of records as Cosmos SQL: one logical partition, every value a parameter. More than one key is ordered by
/// a composite index of <see cref="CosmosIndexPlan"/>, whose first path is the collection.
/// </summary>
internal sealed class RecordQueryText
{
    private const string NotExpired = "(NOT IS_DEFINED(c.expiresAt) OR c.expiresAt > @now)";

    private static readonly CosmosDialect Dialect = new();

    private readonly RecordQuery _query;
    private readonly List<(string Name, object Value)> _parameters;
    private readonly List<string> _conditions;

    private RecordQueryText(RecordQuery query, DateTimeOffset now, Predicate read, Predicate? filter)
    {
        _query = query;
        _parameters = [("@scope", query.Scope.Value), ("@collection", query.Collection), ("@now", RecordDocument.FormatDate(now))];
        _conditions =
        [
            // The scope is in the text as well: it costs nothing, and not every emulator heeds the partition key alone.
            "c.scope = @scope",
            "c.collection = @collection",
            query.Deleted ? "IS_DEFINED(c.deleted)" : "NOT IS_DEFINED(c.deleted)",
            NotExpired,
        ];
        foreach (var part in new[] { read, filter }.OfType<Predicate>().Where(part => part.Constant is null))
        {
            _conditions.Add($"({part.Sql})");
            _parameters.AddRange(part.Parameters.Select(parameter => (parameter.Name, parameter.Value)));
        }
    }

    /// <summary>Null when no record can satisfy the query.</summary>
    public static QueryDefinition? WritePage(RecordQuery query, DateTimeOffset now) => Create(query, now)?.Page();

    /// <summary>Null when no record can satisfy the query.</summary>
    public static QueryDefinition? WriteCount(RecordQuery query, DateTimeOffset now) =>
        Create(query, now)?.Define("VALUE COUNT(1)", "");

    /// <summary>Some records by their ids.</summary>
    public static QueryDefinition WriteFind(
        Scope scope, string collection, IReadOnlyCollection<RecordId> ids, DateTimeOffset now)
    {
        var names = Enumerable.Range(0, ids.Count).Select(ParameterOf).ToList();
        var definition = new QueryDefinition(
                $"SELECT * FROM c WHERE c.scope = @scope AND c.id IN ({string.Join(", ", names)}) AND {NotExpired}")
            .WithParameter("@scope", scope.Value)
            .WithParameter("@now", RecordDocument.FormatDate(now));
        foreach (var (name, id) in names.Zip(ids))
        {
            definition.WithParameter(name, RecordDocument.IdOf(new RecordKey(scope, collection, id)));
        }

        return definition;
    }

    /// <summary>The place of a record in the order of a query, read from the record as the index has it.</summary>
    public static RecordPosition PlaceOf(StoredRecord record, RecordQuery query) =>
        new([.. query.Sort.Select(key => ValueOf(record, key))], record.Key.Id);

    private static RecordQueryText? Create(RecordQuery query, DateTimeOffset now)
    {
        var context = query.Context;
        var read = query.Read.ToPredicate(Dialect, in context);
        var filter = query.Filter?.ToPredicate(Dialect, in context);
        return read.Constant is false || filter?.Constant is false ? null : new RecordQueryText(query, now, read, filter);
    }

    private QueryDefinition Page()
    {
        if (_query.After is { } after)
        {
            _conditions.Add($"({string.Join(" OR ", Behind(after))})");
        }

        var id = $"c.id {Direction(_query.Descending)}";
        // The collection is the same for all, so its direction is free: that of the first key is the one in the plan.
        var order = _query.Sort is [var first, ..]
            ? $"c.collection {Direction(first.Descending)}, "
                + string.Concat(_query.Sort.Select(key => $"{Place(key)} {Direction(key.Descending)}, ")) + id
            : id;
        return Define("*", $" ORDER BY {order}");
    }

    private QueryDefinition Define(string what, string order)
    {
        var definition = new QueryDefinition($"SELECT {what} FROM c WHERE {string.Join(" AND ", _conditions)}{order}");
        foreach (var (name, value) in _parameters)
        {
            definition.WithParameter(name, value);
        }

        return definition;
    }

    /// <summary>
    /// The first keys the same and the next one beyond, for each of them; the longest first. Without parentheses of their
    /// own: AND binds tighter than OR.
    /// </summary>
    private IEnumerable<string> Behind(RecordPosition after)
    {
        for (var n = _query.Sort.Count; n >= 0; n--)
        {
            var same = string.Concat(Enumerable.Range(0, n).Select(i => $"{Same(_query.Sort[i], i, after.Keys[i])} AND "));
            string[] beyond = n == _query.Sort.Count
                ? [$"c.id {(_query.Descending ? '<' : '>')} {Add(n, RecordDocument.IdOf(new RecordKey(_query.Scope, _query.Collection, after.Id)))}"]
                : Beyond(_query.Sort[n], n, after.Keys[n]);
            foreach (var one in beyond)
            {
                yield return same + one;
            }
        }
    }

    /// <summary>Undefined comes before null, and null before every value. Any of these is beyond.</summary>
    private string[] Beyond(IndexKey key, int i, object? value) => (key.Descending, value) switch
    {
        (false, null) => [$"IS_DEFINED({Place(key)})"],
        (false, DBNull) => [$"IS_DEFINED({Place(key)}) AND NOT IS_NULL({Place(key)})"],
        (false, _) => [$"{Place(key)} > {Add(i, value)}"],
        (true, null) => [],
        (true, DBNull) => [$"NOT IS_DEFINED({Place(key)})"],
        (true, _) when key.IsField => [$"{Place(key)} < {Add(i, value)}", $"IS_NULL({Place(key)})", $"NOT IS_DEFINED({Place(key)})"],
        (true, _) => [$"{Place(key)} < {Add(i, value)}"],
    };

    private string Same(IndexKey key, int i, object? value) => value switch
    {
        null => $"NOT IS_DEFINED({Place(key)})",
        DBNull => $"IS_NULL({Place(key)})",
        _ => $"{Place(key)} = {Add(i, value)}",
    };

    private string Add(int i, object value)
    {
        var name = ParameterOf(i);
        if (!_parameters.Exists(parameter => parameter.Name == name))
        {
            _parameters.Add((name, value));
        }

        return name;
    }

    private static object? ValueOf(StoredRecord record, IndexKey key) => key.Name switch
    {
        "owner" => record.Owner,
        "createdAt" => RecordDocument.FormatDate(record.CreatedAt),
        "updatedAt" => RecordDocument.FormatDate(record.UpdatedAt),
        var field => record.Fields.TryGet(field, out var value) ? ValueOf(value) : null,
    };

    private static object? ValueOf(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Null => DBNull.Value,
        JsonValueKind.True or JsonValueKind.False => value.GetBoolean(),
        JsonValueKind.Number => value.TryGetInt64(out var whole) ? whole : value.GetDouble(),
        JsonValueKind.String => value.GetString(),
        _ => null, // to a composite index, what is no single value is not there
    };

    private static string Place(IndexKey key) => key.IsField ? $"c.fields[\"{key.Name}\"]" : $"c.{key.Name}";

    private static string Direction(bool descending) => descending ? "DESC" : "ASC";

    private static string ParameterOf(int key) => string.Create(CultureInfo.InvariantCulture, $"@k{key}");
}
