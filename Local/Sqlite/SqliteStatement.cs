using System.Buffers;
using System.Text;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Local.Sqlite;

/// <summary>
/// A prepared statement, on SQLite's own functions: the ADO.NET layer above them looks up each parameter by its name and
/// makes a reader, a record and a list of statements for every call, which costs more than a point read itself.
/// </summary>
internal sealed class SqliteStatement : IDisposable
{
    private const int StackBytes = 512;

    private readonly sqlite3 _database;
    private readonly sqlite3_stmt _statement;
    private int[]? _places;

    /// <exception cref="SqliteException">The text is no statement.</exception>
    public SqliteStatement(sqlite3 database, string sql)
    {
        _database = database;
        Check(raw.sqlite3_prepare_v3(database, sql, raw.SQLITE_PREPARE_PERSISTENT, out _statement));
    }

    public SqliteRow Row => new(_statement);

    /// <param name="parameters">Always in the same order for the same statement; one that it does not name is left out.</param>
    public void Bind(ReadOnlySpan<(string Name, object? Value)> parameters)
    {
        var places = _places ??= FindPlaces(parameters);
        for (var i = 0; i < parameters.Length; i++)
        {
            if (places[i] > 0)
            {
                Bind(places[i], parameters[i].Value);
            }
        }
    }

    /// <summary>Goes to the next row; false behind the last one.</summary>
    /// <exception cref="SqliteException">The statement failed.</exception>
    public bool Step()
    {
        var code = raw.sqlite3_step(_statement);
        if (code is not (raw.SQLITE_ROW or raw.SQLITE_DONE))
        {
            Check(code);
        }

        return code is raw.SQLITE_ROW;
    }

    /// <summary>Ends the execution and with it what it has read of the database. A failure was told by the step already.</summary>
    public void Reset() => raw.sqlite3_reset(_statement);

    public void Dispose() => _statement.Dispose();

    private int[] FindPlaces(ReadOnlySpan<(string Name, object? Value)> parameters)
    {
        var places = new int[parameters.Length];
        for (var i = 0; i < places.Length; i++)
        {
            places[i] = raw.sqlite3_bind_parameter_index(_statement, parameters[i].Name);
        }

        // A parameter that nobody sets would be null, and a condition with it silently false.
        var missing = raw.sqlite3_bind_parameter_count(_statement) - places.Count(static place => place > 0);
        return missing == 0 ? places : throw new InvalidOperationException($"{missing} parameters of a statement have no value");
    }

    private void Bind(int place, object? value) => Check(value switch
    {
        null or DBNull => raw.sqlite3_bind_null(_statement, place),
        string text => BindText(place, text),
        long number => raw.sqlite3_bind_int64(_statement, place, number),
        int number => raw.sqlite3_bind_int64(_statement, place, number),
        bool flag => raw.sqlite3_bind_int64(_statement, place, flag ? 1 : 0),
        double number => raw.sqlite3_bind_double(_statement, place, number),
        Utf8Text text => raw.sqlite3_bind_text(_statement, place, text.Bytes.Span),
        ReadOnlyMemory<byte> bytes => raw.sqlite3_bind_blob(_statement, place, bytes.Span),
        byte[] bytes => raw.sqlite3_bind_blob(_statement, place, bytes),
        _ => throw new ArgumentException($"SQLite has no {value.GetType()}", nameof(value)),
    });

    private int BindText(int place, string text)
    {
        var most = Encoding.UTF8.GetMaxByteCount(text.Length);
        var rented = most > StackBytes ? ArrayPool<byte>.Shared.Rent(most) : null;
        var utf8 = rented ?? stackalloc byte[StackBytes];
        var code = raw.sqlite3_bind_text(_statement, place, utf8[..Encoding.UTF8.GetBytes(text, utf8)]);
        if (rented is not null)
        {
            ArrayPool<byte>.Shared.Return(rented);
        }

        return code;
    }

    private void Check(int code) => SqliteException.ThrowExceptionForRC(code, _database);
}

/// <summary>A text as the bytes that SQLite keeps of it.</summary>
internal readonly record struct Utf8Text(ReadOnlyMemory<byte> Bytes);

/// <summary>The row that a statement stands on.</summary>
internal readonly struct SqliteRow(sqlite3_stmt statement)
{
    public bool IsDBNull(int column) => raw.sqlite3_column_type(statement, column) is raw.SQLITE_NULL;

    public long GetInt64(int column)
    {
        var value = raw.sqlite3_column_int64(statement, column);
        return value != 0 ? value : NotNull(column, value);
    }

    public int GetInt32(int column) => checked((int)GetInt64(column));

    public string GetString(int column)
    {
        var utf8 = raw.sqlite3_column_blob(statement, column);
        return utf8.IsEmpty ? NotNull(column, "") : Encoding.UTF8.GetString(utf8);
    }

    public byte[] GetBytes(int column)
    {
        var bytes = raw.sqlite3_column_blob(statement, column);
        return bytes.IsEmpty ? NotNull<byte[]>(column, []) : bytes.ToArray();
    }

    /// <summary>A string, long, double or byte array; null for NULL.</summary>
    public object? GetValue(int column) => raw.sqlite3_column_type(statement, column) switch
    {
        raw.SQLITE_INTEGER => raw.sqlite3_column_int64(statement, column),
        raw.SQLITE_FLOAT => raw.sqlite3_column_double(statement, column),
        raw.SQLITE_TEXT => GetString(column),
        raw.SQLITE_BLOB => GetBytes(column),
        _ => null,
    };

    /// <summary>SQLite reads NULL as zero or nothing; here that is a mistake.</summary>
    private T NotNull<T>(int column, T value) =>
        IsDBNull(column) ? throw new InvalidDataException($"Column {column} is NULL") : value;
}
