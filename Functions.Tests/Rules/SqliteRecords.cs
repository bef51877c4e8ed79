using Backend.Records;
using Backend.Rules.Sql;
using Local.Sqlite;
using Microsoft.Data.Sqlite;

namespace Functions.Tests.Rules;

/// <summary>Records in the real table of an SQLite database in memory, asked by predicates.</summary>
internal sealed class SqliteRecords : IDisposable
{
    private readonly SqliteConnection _connection = new("Data Source=:memory:");
    private long _sequence;

    public SqliteRecords(IEnumerable<StoredRecord> records)
    {
        _connection.Open();
        SqliteMigrations.Apply(_connection);
        foreach (var record in records)
        {
            Add(record);
        }
    }

    public void Add(StoredRecord record)
    {
        using var command = _connection.CreateCommand();
        command.CommandText = """
            INSERT OR REPLACE INTO records (scope, collection, id, sequence, owner, created_at, updated_at, deleted, fields)
            VALUES ($scope, $collection, $id, $sequence, $owner, $created, $updated, 0, $fields)
            """;
        command.Parameters.AddWithValue("$scope", record.Key.Scope.Value);
        command.Parameters.AddWithValue("$collection", record.Key.Collection);
        command.Parameters.AddWithValue("$id", record.Key.Id.Value);
        command.Parameters.AddWithValue("$sequence", ++_sequence);
        command.Parameters.AddWithValue("$owner", record.Owner);
        command.Parameters.AddWithValue("$created", record.CreatedAt.ToUnixTimeMilliseconds());
        command.Parameters.AddWithValue("$updated", record.UpdatedAt.ToUnixTimeMilliseconds());
        command.Parameters.AddWithValue("$fields", record.Fields.Utf8.ToArray());
        command.ExecuteNonQuery();
    }

    /// <summary>The ids for which the predicate is true; fails where it is neither true nor false.</summary>
    public HashSet<string> Ids(Predicate predicate)
    {
        using var command = _connection.CreateCommand();
#pragma warning disable CA2100 // what is tested here: the text has no values in it
        command.CommandText = $"SELECT id, ({predicate.Sql}) FROM records";
#pragma warning restore CA2100
        foreach (var (name, value) in predicate.Parameters)
        {
            command.Parameters.AddWithValue(name, value);
        }

        var ids = new HashSet<string>();
        using var rows = command.ExecuteReader();
        while (rows.Read())
        {
            Assert.False(rows.IsDBNull(1), $"{predicate.Sql} is null for {rows.GetString(0)}");
            if (rows.GetInt64(1) != 0)
            {
                ids.Add(rows.GetString(0));
            }
        }

        return ids;
    }

    public void Dispose() => _connection.Dispose();
}
