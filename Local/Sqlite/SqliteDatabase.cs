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
    /// <summary>
    /// What the writer keeps of the file. With SQLite's own 2 MB the inner pages of a dozen indexes push each other out, and a
    /// large transaction writes its pages before it is committed, and again then.
    /// </summary>
    private const int WriterCacheKb = 32 * 1024;

    /// <summary>
    /// Pages of 4 KB in the log before they go into the file. A page that is written again meanwhile goes there once; with
    /// SQLite's own 1,000 that is rarely so, and a busy writer stops for it every few transactions.
    /// </summary>
    private const int CheckpointPages = 8_000;

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

        Execute(connection, $"PRAGMA cache_size=-{WriterCacheKb}; PRAGMA wal_autocheckpoint={CheckpointPages}");
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
        // FULL: what was answered as written survives a power cut; group commit shares the cost of the flush.
        Execute(connection, "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA busy_timeout=5000; PRAGMA foreign_keys=ON");
        return connection;
    }

    private static void Execute(SqliteConnection connection, string pragmas)
    {
        using var command = connection.CreateCommand();
#pragma warning disable CA2100 // constants of this class
        command.CommandText = pragmas;
#pragma warning restore CA2100
        command.ExecuteNonQuery();
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
