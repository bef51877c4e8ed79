using Backend.Orchestrations;
using Local.Sqlite;

namespace Local.Orchestrations;

/// <summary>Instances in SQLite: starting, finding, recovering and purging them.</summary>
internal sealed class OrchestrationStore(SqliteDatabase database)
{
    /// <summary>The database's file; empty for a database in memory.</summary>
    public string File => database.Read(static session =>
        (string?)session.Scalar("SELECT file FROM pragma_database_list WHERE name = 'main'")) ?? "";

    /// <returns>False when the id is taken.</returns>
    public Task<bool> StartAsync(
        string instanceId, HistoryEvent.Started start, DateTimeOffset now, CancellationToken ct) =>
        database.WriteAsync(
            session =>
            {
                var inserted = session.Execute(
                    """
                    INSERT INTO orchestration_instances (id, name, state, created_at, updated_at)
                    VALUES (@id, @name, 0, @now, @now) ON CONFLICT DO NOTHING
                    """,
                    ("@id", instanceId), ("@name", start.Name), ("@now", now.ToUnixTimeMilliseconds()));
                if (inserted == 1)
                {
                    Deliver(session, instanceId, start);
                }

                return inserted == 1;
            },
            ct);

    public OrchestrationInstance? Find(string instanceId) => database.Read(session => session.QueryFirst(
        """
        SELECT id, name, state, created_at, updated_at, output, error
        FROM orchestration_instances WHERE id = @id
        """,
        static row => new OrchestrationInstance(
            row.GetString(0),
            row.GetString(1),
            (OrchestrationState)row.GetInt32(2),
            DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(3)),
            DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(4)),
            TextOrNull(row, 5),
            TextOrNull(row, 6)),
        ("@id", instanceId)));

    /// <summary>How many instances have not ended.</summary>
    public int CountRunning() => database.Read(static session =>
        (int)(session.Scalar("SELECT COUNT(*) FROM orchestration_instances WHERE state < 2") as long? ?? 0));

    /// <summary>The instances for which messages wait.</summary>
    public List<string> FindReady() => database.Read(static session => session.Query(
        "SELECT DISTINCT instance FROM orchestration_inbox", static row => row.GetString(0)));

    /// <summary>Removes instances that ended before <paramref name="before"/>, with their histories.</summary>
    /// <returns>How many; as many as <paramref name="limit"/> when there may be more.</returns>
    public Task<int> PurgeAsync(DateTimeOffset before, int limit, CancellationToken ct) => database.WriteAsync(
        session =>
        {
            var ended = session.Query(
                """
                SELECT id FROM orchestration_instances
                WHERE state >= 2 AND updated_at < @before ORDER BY updated_at LIMIT @limit
                """,
                static row => row.GetString(0),
                ("@before", before.ToUnixTimeMilliseconds()), ("@limit", limit));
            foreach (var id in ended)
            {
                session.Execute("DELETE FROM orchestration_history WHERE instance = @id", ("@id", id));
                // Not ended yet though never awaited: its outcome must not reach a later instance of the same id.
                session.Execute("DELETE FROM orchestration_activities WHERE instance = @id", ("@id", id));
                session.Execute("DELETE FROM orchestration_instances WHERE id = @id", ("@id", id));
            }

            return ended.Count;
        },
        ct);

    /// <summary>Puts a message into an instance's inbox.</summary>
    internal static void Deliver(SqliteSession session, string instanceId, HistoryEvent message)
    {
        var row = HistoryRow.From(message);
        // Not for an instance that ended: nobody would ever take it out.
        session.Execute(
            $"""
            INSERT INTO orchestration_inbox (instance, {HistoryRow.Columns})
            SELECT id, @kind, @task, @name, @payload, @number
            FROM orchestration_instances WHERE id = @instance AND state < 2
            """,
            ("@instance", instanceId), ("@kind", (int)row.Kind), ("@task", row.TaskId), ("@name", row.Name),
            ("@payload", row.Payload), ("@number", row.Number));
    }

    private static string? TextOrNull(SqliteRow row, int column) =>
        row.IsDBNull(column) ? null : row.GetString(column);
}
