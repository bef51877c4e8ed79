using System.Globalization;
using Backend.Model;
using Backend.Records;
using Backend.Rules.Sql;

namespace Local.Sqlite;

/// <summary>
/// A query of records as SQL that walks an index: in its order, and from the place where the page starts. "Behind a place
/// of several keys" is a row comparison, which SQLite answers by walking all that is before it, so it is asked as ranges,
/// one after the other, each of which is a seek: the same first keys and a greater id; the same first keys but the last
/// one greater; and so on.
/// </summary>
internal sealed class SqliteRecordQuery
{
    public const string NotExpired = "(expires_at IS NULL OR expires_at > $now)";

    private const string Limit = "$limit";

    /// <summary>Below every value but null, which no comparison finds.</summary>
    private const string LeastValue = "-9e999";

    private static readonly SqliteDialect Dialect = new();

    private readonly RecordQuery _query;
    private readonly IndexKey[] _keys;
    private readonly string _where;
    private readonly List<(string Name, object? Value)> _parameters;

    private SqliteRecordQuery(RecordQuery query, long now, Predicate read, Predicate? filter)
    {
        _query = query;
        _keys = [.. query.Sort, new IndexKey("id", query.Descending)];
        _where = string.Join(" AND ", (string[])
        [
            $"scope = $scope AND collection = {SqliteIndexes.Literal(query.Collection)} AND deleted = {(query.Deleted ? 1 : 0)}",
            NotExpired,
            .. new[] { read, filter }.Where(part => part is { Constant: null }).Select(part => $"({part?.Sql})"),
        ]);
        _parameters =
        [
            ("$scope", query.Scope.Value),
            ("$now", now),
            .. read.Parameters.Concat(filter?.Parameters ?? []).Select(parameter => (parameter.Name, (object?)parameter.Value)),
        ];
    }

    /// <summary>Null when no record can satisfy the query.</summary>
    /// <param name="query">The query.</param>
    /// <param name="now">Milliseconds since 1970; what has expired by then is not found.</param>
    public static SqliteRecordQuery? Create(RecordQuery query, long now)
    {
        var context = query.Context;
        var read = query.Read.ToPredicate(Dialect, in context);
        var filter = query.Filter?.ToPredicate(Dialect, in context);
        return read.Constant is false || filter?.Constant is false ? null : new SqliteRecordQuery(query, now, read, filter);
    }

    public string CountSql => $"SELECT count(*) FROM records WHERE {_where}";

    public (string Name, object? Value)[] CountParameters => [.. _parameters];

    /// <summary>Those of a part of a page, in an order that its text alone decides.</summary>
    public (string Name, object? Value)[] PageParameters(int limit) =>
    [
        .. _parameters,
        (Limit, (long)limit),
        .. (_query.After is { } after ? [.. after.Keys, after.Id.Value] : Array.Empty<object?>())
            .Select((value, i) => (ParameterOf(i), value)),
    ];

    /// <summary>The parts of the page, in its order; each is asked for what is missing after those before it.</summary>
    /// <param name="columns">What to select; the values of the keys before the id follow them.</param>
    public IEnumerable<string> PageSql(string columns)
    {
        var select = string.Join(", ", (string[])[columns, .. _query.Sort.Select(Expression)]);
        return Ranges().Select(range =>
            $"SELECT {select} FROM records WHERE {_where}{range.Condition} ORDER BY {Order(range.Fixed)} LIMIT {Limit}");
    }

    /// <summary>What lies behind the page's start.</summary>
    private IEnumerable<(string Condition, int Fixed)> Ranges()
    {
        if (_query.After is not { } after)
        {
            yield return ("", 0);
            yield break;
        }

        for (var n = _keys.Length - 1; n >= 0; n--)
        {
            var before = string.Concat(Enumerable.Range(0, n).Select(i => $" AND {SameKey(i, after.Keys[i])}"));
            var (key, isNull) = (Expression(_keys[n]), n < after.Keys.Count && after.Keys[n] is null);
            if (!_keys[n].Descending)
            {
                yield return ($"{before} AND {key} {(isNull ? $">= {LeastValue}" : $"> {ParameterOf(n)}")}", n);
            }
            else if (!isNull)
            {
                yield return ($"{before} AND {key} < {ParameterOf(n)}", n);
                if (n < after.Keys.Count && _keys[n].IsField)
                {
                    yield return ($"{before} AND {key} IS NULL", n + 1);
                }
            }
        }
    }

    private string SameKey(int i, object? value) =>
        value is null ? $"{Expression(_keys[i])} IS NULL" : $"{Expression(_keys[i])} = {ParameterOf(i)}";

    /// <summary>Keys that a range or the filter holds equal are left out: the planner would sort by them.</summary>
    private string Order(int from) => string.Join(", ", _keys[from..]
        .Where(key => key.Name == "id" || _query.Filter?.Fixes(key.Name) is not true)
        .Select(key => $"{Expression(key)}{(key.Descending ? " DESC" : "")}"));

    private static string Expression(IndexKey key) => key.Name == "id" ? "id" : SqliteIndexes.Expression(key);

    private static string ParameterOf(int key) => string.Create(CultureInfo.InvariantCulture, $"$k{key}");
}
