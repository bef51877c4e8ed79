using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Local.Sqlite;

/// <summary>A connection with the statements that were prepared on it. Used by one caller at a time.</summary>
internal sealed class SqliteSession(SqliteConnection connection) : IDisposable
{
    /// <summary>
    /// Callers' filters make texts of their own, so there is no end of them; values are no part of a text. A statement
    /// takes a few kilobytes.
    /// </summary>
    private const int MaxPrepared = 256;

    private readonly sqlite3 _database =
        connection.Handle ?? throw new InvalidOperationException("The connection is not open");

    private readonly Dictionary<string, SqliteStatement> _prepared = new(StringComparer.Ordinal);

    /// <summary>Runs a statement that returns nothing and tells how many rows it changed.</summary>
    public int Execute(string sql, params ReadOnlySpan<(string Name, object? Value)> parameters)
    {
        var statement = Prepare(sql, parameters);
        try
        {
            while (statement.Step())
            {
                // To its end, or it would be undone half way.
            }

            return raw.sqlite3_changes(_database);
        }
        finally
        {
            statement.Reset();
        }
    }

    /// <summary>The first column of the first row; null when there is no row or its value is null.</summary>
    public object? Scalar(string sql, params ReadOnlySpan<(string Name, object? Value)> parameters)
    {
        var statement = Prepare(sql, parameters);
        try
        {
            var value = statement.Step() ? statement.Row.GetValue(0) : null;
            while (statement.Step())
            {
                // As above: it may be a change that returns something.
            }

            return value;
        }
        finally
        {
            statement.Reset();
        }
    }

    /// <summary>All rows, as <paramref name="read"/> makes them.</summary>
    public List<T> Query<T>(
        string sql, Func<SqliteRow, T> read, params ReadOnlySpan<(string Name, object? Value)> parameters) =>
        QueryUntil(sql, read, static _ => false, parameters).Rows;

    /// <summary>Rows up to the first of which <paramref name="isEnough"/> says so, and whether there are more.</summary>
    public (List<T> Rows, bool HasMore) QueryUntil<T>(
        string sql, Func<SqliteRow, T> read, Func<T, bool> isEnough, params ReadOnlySpan<(string Name, object? Value)> parameters)
    {
        var statement = Prepare(sql, parameters);
        try
        {
            var rows = new List<T>();
            while (statement.Step())
            {
                rows.Add(read(statement.Row));
                if (isEnough(rows[^1]))
                {
                    return (rows, statement.Step());
                }
            }

            return (rows, false);
        }
        finally
        {
            statement.Reset();
        }
    }

    /// <summary>The first row as <paramref name="read"/> makes it; default when there is none.</summary>
    public T? QueryFirst<T>(
        string sql, Func<SqliteRow, T> read, params ReadOnlySpan<(string Name, object? Value)> parameters)
    {
        var statement = Prepare(sql, parameters);
        try
        {
            return statement.Step() ? read(statement.Row) : default;
        }
        finally
        {
            statement.Reset();
        }
    }

    public void Dispose() => Forget();

    private SqliteStatement Prepare(string sql, ReadOnlySpan<(string Name, object? Value)> parameters)
    {
        if (!_prepared.TryGetValue(sql, out var statement))
        {
            if (_prepared.Count >= MaxPrepared)
            {
                Forget(); // what is in use comes back with its next call, for some microseconds
            }

            statement = new SqliteStatement(_database, sql);
            _prepared.Add(sql, statement);
        }

        statement.Bind(parameters);
        return statement;
    }

    private void Forget()
    {
        foreach (var statement in _prepared.Values)
        {
            statement.Dispose();
        }

        _prepared.Clear();
    }
}
