using System.Globalization;
using Backend.Model;
using Microsoft.Data.Sqlite;

namespace Local.Sqlite;

/// <summary>
/// What the query planner is told of the records' indexes: the figures of a large database, written by hand, as
/// https://www.sqlite.org/fileformat2.html#stat1tab allows. Measured ones would be those of the day on which they were
/// measured; with these the plans are the same for ten records and for ten million, and the tests show them.
/// </summary>
internal static class SqliteStatistics
{
    private const int Rows = 100_000_000;
    private const int RowsOfScope = 2_000_000;
    private const int RowsOfCollection = 1_000_000;

    /// <summary>Records that share a text, a number or a reference.</summary>
    private const int RowsOfValue = 20;

    /// <summary>More than one, so that an index of one key more is the better one.</summary>
    private const int RowsOfTime = 2;

    private static readonly (string Name, string Statistics)[] OfTable =
    [
        ("sqlite_autoindex_records_1", Join(Rows, RowsOfScope, RowsOfCollection, 1)),
        ("records_by_sequence", Join(Rows, RowsOfScope, 1)),
        ("records_in_order", Join(Rows, 1)),
        ("records_by_expiry", Join(Rows, 1)),
    ];

    /// <summary>The table's rows, then the rows that agree in the first column, in the first two, and so on.</summary>
    public static string Of(CollectionModel collection, IndexModel index)
    {
        var rows = RowsOfCollection;
        var columns = new List<int> { RowsOfCollection * 10, rows };
        foreach (var key in index.Keys)
        {
            rows = Math.Max(1, Math.Min(rows / DistinctValues(collection, key), rows));
            columns.Add(rows);
        }

        columns.Add(1);
        return Join([.. columns]);
    }

    /// <summary>Within a transaction.</summary>
    public static void Write(SqliteConnection connection, IEnumerable<(string Name, string Statistics)> indexes)
    {
        using var command = connection.CreateCommand();
        // Only ANALYZE can make its table; one row of each index is enough for that.
        command.CommandText = "PRAGMA analysis_limit = 1; ANALYZE records; DELETE FROM sqlite_stat1 WHERE tbl = 'records'";
        command.ExecuteNonQuery();
        command.CommandText = "INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES ('records', $index, $statistics)";
        var name = command.Parameters.Add("$index", SqliteType.Text);
        var figures = command.Parameters.Add("$statistics", SqliteType.Text);
        foreach (var index in OfTable.Concat(indexes))
        {
            (name.Value, figures.Value) = index;
            command.ExecuteNonQuery();
        }
    }

    /// <summary>Makes a connection that was open before heed them.</summary>
    public static void Load(SqliteConnection connection)
    {
        using var command = connection.CreateCommand();
        command.CommandText = "ANALYZE sqlite_schema";
        command.ExecuteNonQuery();
    }

    private static int DistinctValues(CollectionModel collection, IndexKey key)
    {
        var field = collection.Fields.GetValueOrDefault(key.Name);
        return field switch
        {
            { Type: FieldType.Boolean } => 2,
            { Enum.Count: > 0 and var count } => count,
            { Type: FieldType.Timestamp } => RowsOfCollection / RowsOfTime,
            null when key.Name == "owner" => RowsOfCollection / 1000,
            null => RowsOfCollection,
            _ => RowsOfCollection / RowsOfValue,
        };
    }

    private static string Join(params int[] figures) =>
        string.Join(' ', figures.Select(figure => figure.ToString(CultureInfo.InvariantCulture)));
}
