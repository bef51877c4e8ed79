using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Backend.Model;
using Microsoft.Data.Sqlite;

namespace Local.Sqlite;

/// <summary>
/// The indexes that a model declares, as SQLite keeps them: expressions over the fields, one collection's records each.
/// Applied at start, so that a new index just works and one that is gone costs nothing. Names carry a hash of what they
/// stand for: an index of that name is that index.
/// </summary>
internal static class SqliteIndexes
{
    private const string Prefix = "model_";

    /// <summary>For lists of tombstones, whatever the collection.</summary>
    private static readonly (string Name, string Sql, string Statistics)[] OfTombstones =
    [
        Define("tombstones", "records (scope, collection, id) WHERE deleted = 1", "10000000 200000 100000 1"),
        Define(
            "tombstones", "records (scope, collection, updated_at, id) WHERE deleted = 1", "10000000 200000 100000 1 1"),
    ];

    public static void Apply(SqliteConnection connection, AppModel model)
    {
        var wanted = model.Collections.Values
            .SelectMany(collection => collection.Indexes.Select(index => Define(collection, index)))
            .Concat(OfTombstones)
            .ToDictionary(index => index.Name, StringComparer.Ordinal);
        Execute(connection, "BEGIN IMMEDIATE");
        var existing = Names(connection);
        foreach (var name in existing.Where(name => !wanted.ContainsKey(name)))
        {
            Execute(connection, $"DROP INDEX {name}");
        }

        foreach (var index in wanted.Values.Where(index => !existing.Contains(index.Name)))
        {
            Execute(connection, index.Sql);
        }

        SqliteStatistics.Write(connection, wanted.Values.Select(index => (index.Name, index.Statistics)));
        Execute(connection, "COMMIT");
        SqliteStatistics.Load(connection);
    }

    /// <summary>A key as the index and the queries that it serves write it: SQLite compares the expressions.</summary>
    public static string Expression(IndexKey key) => key.Name switch
    {
        "owner" => "owner",
        "createdAt" => "created_at",
        "updatedAt" => "updated_at",
        var field => $"json_extract(fields, '$.\"{field}\"')",
    };

    /// <summary>A collection's name in the text: a parameter could be any, and a partial index needs to know.</summary>
    public static string Literal(string collection) => $"'{collection.Replace("'", "''", StringComparison.Ordinal)}'";

    private static (string Name, string Sql, string Statistics) Define(CollectionModel collection, IndexModel index)
    {
        var keys = index.Keys.Select(key => $"{Expression(key)}{(key.Descending ? " DESC" : "")}");
        var id = index.Keys[^1].Descending ? "id DESC" : "id";
        return Define(
            collection.Name,
            $"records (scope, {string.Join(", ", keys)}, {id}) WHERE collection = {Literal(collection.Name)} AND deleted = 0",
            SqliteStatistics.Of(collection, index));
    }

    private static (string Name, string Sql, string Statistics) Define(string subject, string definition, string statistics)
    {
        var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(definition)))[..16];
        var name = string.Create(CultureInfo.InvariantCulture, $"{Prefix}{subject}_{hash}");
        return (name, $"CREATE INDEX {name} ON {definition}", statistics);
    }

    private static HashSet<string> Names(SqliteConnection connection)
    {
        using var command = connection.CreateCommand();
        command.CommandText = $"SELECT name FROM sqlite_schema WHERE type = 'index' AND name GLOB '{Prefix}*'";
        using var rows = command.ExecuteReader();
        var names = new HashSet<string>(StringComparer.Ordinal);
        while (rows.Read())
        {
            names.Add(rows.GetString(0));
        }

        return names;
    }

    private static void Execute(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
#pragma warning disable CA2100 // the names in it are the model's: letters, digits and underscores
        command.CommandText = sql;
#pragma warning restore CA2100
        command.ExecuteNonQuery();
    }
}
