using System.Threading.Channels;
using Microsoft.Data.Sqlite;

namespace Local.Sqlite;

/// <summary>
/// The one writer of the database. It takes whatever is waiting, runs it in one transaction, flushes once, and only
/// then tells the callers: group commit, as in "Implementation Techniques for Main Memory Database Systems", DeWitt
/// et al., 1984. Work that throws undoes only itself; the rest of its group is then run again, so work must do nothing but
/// use its session.
/// </summary>
internal sealed class SqliteWriter : IAsyncDisposable
{
    /// <summary>Bounds how long the first caller of a group waits for the last.</summary>
    private const int MaxGroup = 256;

    private readonly Channel<Work> _queue =
        Channel.CreateBounded<Work>(new BoundedChannelOptions(4096) { SingleReader = true });

    private readonly SqliteConnection _connection;
    private readonly SqliteSession _session;
    private readonly Task _loop;

    public SqliteWriter(SqliteConnection connection)
    {
        _connection = connection;
        _session = new SqliteSession(connection);
        _loop = Task.Run(RunAsync);
    }

    public async Task<T> WriteAsync<T>(Func<SqliteSession, T> run, CancellationToken ct)
    {
        var work = new Work<T>(run);
        await _queue.Writer.WriteAsync(work, ct);
        // Once queued it will be carried out; giving up the wait would leave the caller in doubt about what it did.
        return await work.Completion;
    }

    public async ValueTask DisposeAsync()
    {
        _queue.Writer.TryComplete();
        await _loop;
        _session.Dispose();
        await _connection.DisposeAsync();
    }

    private async Task RunAsync()
    {
        var group = new List<Work>(MaxGroup);
        while (await _queue.Reader.WaitToReadAsync())
        {
            group.Clear();
            while (group.Count < MaxGroup && _queue.Reader.TryRead(out var work))
            {
                group.Add(work);
            }

            Commit(group);
        }
    }

    private void Commit(List<Work> group)
    {
        if (TryCommit(group) || group.Count == 1)
        {
            return;
        }

        // One of them threw and took the others' changes along. That is rare, so it may cost a second run, each alone.
        foreach (var work in group)
        {
            TryCommit([work]);
        }
    }

    /// <summary>
    /// Runs works in one transaction and answers their callers once it is durable. False when it was undone; a work that
    /// was alone in it has been told why.
    /// </summary>
    private bool TryCommit(List<Work> works)
    {
        try
        {
            // IMMEDIATE: take the write lock now, so that no work fails half way on another process' lock.
            _session.Execute("BEGIN IMMEDIATE");
            works.ForEach(work => work.Run(_session));
            _session.Execute("COMMIT");
            works.ForEach(static work => work.Complete());
            return true;
        }
        catch (Exception exception)
        {
            TryRollback();
            if (works is [var alone])
            {
                alone.Fail(exception);
            }

            return false;
        }
    }

    private void TryRollback()
    {
        try
        {
            _session.Execute("ROLLBACK");
        }
        catch (SqliteException)
        {
            // Nothing to roll back: BEGIN itself failed, or SQLite has rolled back on its own (disk full, I/O error).
        }
    }

    private abstract class Work
    {
        public abstract void Run(SqliteSession session);

        /// <summary>Hands the result over once it is durable.</summary>
        public abstract void Complete();

        public abstract void Fail(Exception exception);
    }

    private sealed class Work<T>(Func<SqliteSession, T> run) : Work
    {
        private readonly TaskCompletionSource<T> _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private T? _result;

        public Task<T> Completion => _completion.Task;

        public override void Run(SqliteSession session) => _result = run(session);

        public override void Complete() => _completion.SetResult(_result!); // Run assigned it

        public override void Fail(Exception exception) => _completion.SetException(exception);
    }
}
