using System.Threading.Channels;
using Microsoft.Data.Sqlite;

namespace Bench.Load;

/// <summary>One writer, group commit, and nothing else.</summary>
internal sealed class RawWriter
{
    private readonly Channel<(Action<Statements> Work, TaskCompletionSource Done)> _queue =
        Channel.CreateUnbounded<(Action<Statements>, TaskCompletionSource)>(new UnboundedChannelOptions { SingleReader = true });

    private readonly Statements _statements;

    public RawWriter(Statements statements)
    {
        _statements = statements;
        statements.CreateTable();
        _ = Task.Run(RunAsync);
    }

    public Task WriteAsync(Action<Statements> work)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _queue.Writer.TryWrite((work, done));
        return done.Task;
    }

    private async Task RunAsync()
    {
        var group = new List<TaskCompletionSource>();
        while (await _queue.Reader.WaitToReadAsync())
        {
            _statements.Begin();
            while (group.Count < 256 && _queue.Reader.TryRead(out var item))
            {
                item.Work(_statements);
                group.Add(item.Done);
            }

            _statements.Commit();
            group.ForEach(static done => done.SetResult());
            group.Clear();
        }
    }
}

/// <summary>A connection with its prepared statements.</summary>
internal sealed class Statements : IDisposable
{
    private readonly SqliteConnection _connection;
    private readonly Dictionary<string, SqliteCommand> _commands = [];

    public Statements(string connectionString)
    {
        _connection = new SqliteConnection(connectionString);
        _connection.Open();
        Run("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA busy_timeout=5000; PRAGMA foreign_keys=ON;");
    }

    public void CreateTable() => Run(
        "CREATE TABLE records (scope TEXT NOT NULL, id TEXT NOT NULL, body BLOB NOT NULL, PRIMARY KEY (scope, id)) WITHOUT ROWID");

    public byte[] Read(string scope, string id)
    {
        using var reader = Command("SELECT body FROM records WHERE scope = $0 AND id = $1", scope, id).ExecuteReader();
        return reader.Read() ? reader.GetFieldValue<byte[]>(0) : throw new InvalidOperationException("There is no such row");
    }

    public List<byte[]> List(string scope, int limit)
    {
        using var reader = Command("SELECT body FROM records WHERE scope = $0 ORDER BY id LIMIT $1", scope, limit).ExecuteReader();
        var rows = new List<byte[]>(limit);
        while (reader.Read())
        {
            rows.Add(reader.GetFieldValue<byte[]>(0));
        }

        return rows;
    }

    public void Insert(string scope, string id, byte[] body) =>
        Command("INSERT INTO records (scope, id, body) VALUES ($0, $1, $2)", scope, id, body).ExecuteNonQuery();

    public void Update(string scope, string id, byte[] body) =>
        Command("UPDATE records SET body = $2 WHERE scope = $0 AND id = $1", scope, id, body).ExecuteNonQuery();

    public void Begin() => Command("BEGIN IMMEDIATE").ExecuteNonQuery();

    public void Commit() => Command("COMMIT").ExecuteNonQuery();

    public void Dispose()
    {
        foreach (var command in _commands.Values)
        {
            command.Dispose();
        }

        _connection.Dispose();
    }

    private SqliteCommand Command(string sql, params ReadOnlySpan<object> values)
    {
        if (!_commands.TryGetValue(sql, out var command))
        {
            command = _connection.CreateCommand();
            command.CommandText = sql;
            for (var i = 0; i < values.Length; i++)
            {
                command.Parameters.Add(new SqliteParameter($"${i}", values[i]));
            }

            command.Prepare();
            _commands.Add(sql, command);
        }

        for (var i = 0; i < values.Length; i++)
        {
            command.Parameters[i].Value = values[i];
        }

        return command;
    }

    private void Run(string sql)
    {
        using var command = _connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}
