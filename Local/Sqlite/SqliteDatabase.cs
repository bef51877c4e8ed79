using System.Collections.Concurrent;
using Backend.Model;
using Microsoft.Data.Sqlite;

namespace Local.Sqlite;

/// <summary>
/// The embedded host's database: one file in WAL mode, one connection that writes (see <see cref="SqliteWriter"/>),
/// and a pool of connections that read in parallel with it.
/// </summary>
internal sealed class SqliteDatabase : IAsyncDisposable
{
    private readonly string _connectionString;
    private readonly ConcurrentBag<SqliteReader> _readers = [];
    private readonly SqliteWriter _writer;

    /// <param name="path">The file; made when it is missing.</param>
    /// <param name="model">Says which indexes there are; null to leave them as they are.</param>
    public SqliteDatabase(string path, AppModel? model = null)
    {
        _connectionString = new SqliteConnectionStringBuilder
        {
            DataSource = path,
            Pooling = false, // this class pools, and closes every connection before the file may be moved or deleted
        }.ToString();
        var connection = Open();
        SqliteMigrations.Apply(connection);
        if (model is not null)
        {
            SqliteIndexes.Apply(connection, model);
        }

        _writer = new SqliteWriter(connection);
    }

    /// <summary>
    /// Runs <paramref name="work"/> inside the next transaction of the writer and returns when that is durable. Calls
    /// that arrive meanwhile share one transaction and one flush to disk. What throws is undone alone.
    /// </summary>
    public Task<T> WriteAsync<T>(Func<SqliteSession, T> work, CancellationToken ct) => _writer.WriteAsync(work, ct);

    /// <summary>Runs <paramref name="work"/> on a connection of its own, which sees all that was committed before.</summary>
    public T Read<T>(Func<SqliteSession, T> work)
    {
        if (!_readers.TryTake(out var reader))
        {
            reader = new SqliteReader(Open());
        }

        try
        {
            return work(reader.Session);
        }
        finally
        {
            _readers.Add(reader);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _writer.DisposeAsync();
        while (_readers.TryTake(out var reader))
        {
            reader.Dispose();
        }
    }

    private SqliteConnection Open()
    {
        var connection = new SqliteConnection(_connectionString);
        connection.Open();
        using var command = connection.CreateCommand();
        // FULL: what was answered as written survives a power cut; group commit shares the cost of the flush.
        command.CommandText =
            "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA busy_timeout=5000; PRAGMA foreign_keys=ON;";
        command.ExecuteNonQuery();
        return connection;
    }

    private sealed class SqliteReader(SqliteConnection connection) : IDisposable
    {
        public SqliteSession Session { get; } = new(connection);

        public void Dispose()
        {
            Session.Dispose();
            connection.Dispose();
        }
    }
}
