using Backend.Orchestrations;
using Local.Sqlite;

namespace Local.Orchestrations;

/// <summary>
/// Instances in SQLite as seen from outside: starting, finding and steering them. What is written here needs no turn: it is
/// whole in itself, and a step that an engine is making meanwhile notices it.
/// </summary>
internal sealed class OrchestrationStore(SqliteDatabase database)
{
    private const string Columns =
        "id, name, state, created_at, updated_at, output, error, custom_status, parent";

    /// <summary>The database's file; empty for a database in memory.</summary>
    public string File => database.Read(static session =>
        (string?)session.Scalar("SELECT file FROM pragma_database_list WHERE name = 'main'")) ?? "";

    /// <param name="instanceId">The id asked for.</param>
    /// <param name="start">What to start.</param>
    /// <param name="policy">What to do when the id is taken.</param>
    /// <param name="now">The time of it.</param>
    /// <param name="ct">Gives up only before the change is queued.</param>
    /// <returns>What came of it, and the instances that have messages now.</returns>
    public Task<(StartOutcome Outcome, List<string> Woken)> StartAsync(
        string instanceId, HistoryEvent.Started start, StartPolicy policy, DateTimeOffset now, CancellationToken ct) =>
        database.WriteAsync<(StartOutcome, List<string>)>(
            session =>
            {
                if (InstanceRows.TryCreate(session, instanceId, start, now))
                {
                    return (StartOutcome.Started, [instanceId]);
                }

                if (policy is not StartPolicy.Replace)
                {
                    return (policy is StartPolicy.Accept ? StartOutcome.Accepted : StartOutcome.Rejected, []);
                }

                List<string> woken = [instanceId];
                InstanceRows.TryTerminate(session, instanceId, "replaced by a new start", now, woken);
                InstanceRows.Restart(session, instanceId, start, now);
                return (StartOutcome.Replaced, woken);
            },
            ct);

    public OrchestrationInstance? Find(string instanceId) => database.Read(session => session.QueryFirst(
        $"SELECT {Columns} FROM orchestration_instances WHERE id = @id", Read, ("@id", instanceId)));

    /// <returns>The newest first; what follows after <paramref name="after"/>.</returns>
    public List<OrchestrationInstance> List(OrchestrationQuery query, (DateTimeOffset CreatedAt, string Id)? after) =>
        database.Read(session => session.Query(
            $"""
            SELECT {Columns} FROM orchestration_instances
            WHERE (@state IS NULL OR state = @state) AND (@name IS NULL OR name = @name)
                AND created_at >= @from AND created_at < @before AND (created_at, id) < (@lastTime, @lastId)
            ORDER BY created_at DESC, id DESC LIMIT @limit
            """,
            Read,
            ("@state", (int?)query.State), ("@name", query.Name),
            ("@from", query.CreatedFrom?.ToUnixTimeMilliseconds() ?? long.MinValue),
            ("@before", query.CreatedBefore?.ToUnixTimeMilliseconds() ?? long.MaxValue),
            ("@lastTime", after?.CreatedAt.ToUnixTimeMilliseconds() ?? long.MaxValue),
            ("@lastId", after?.Id ?? ""), ("@limit", query.Limit)));

    /// <summary>What is stored of an instance's present run; null when there is no such instance.</summary>
    public List<HistoryEvent>? ReadHistory(string instanceId) => database.Read(session =>
        session.Scalar("SELECT 1 FROM orchestration_instances WHERE id = @id", ("@id", instanceId)) is null
            ? null
            : session.Query(
                $"SELECT {HistoryRow.Columns} FROM orchestration_history WHERE instance = @id ORDER BY sequence",
                static row => HistoryRow.Read(row, 0),
                ("@id", instanceId)));

    /// <returns>The instances that have messages now; null when no such instance runs.</returns>
    public Task<List<string>?> TerminateAsync(
        string instanceId, string reason, DateTimeOffset now, CancellationToken ct) => database.WriteAsync(
        session =>
        {
            List<string> woken = [];
            return InstanceRows.TryTerminate(session, instanceId, reason, now, woken) ? woken : null;
        },
        ct);

    /// <returns>False when no such instance runs.</returns>
    public Task<bool> RaiseEventAsync(string instanceId, HistoryEvent.EventRaised raised, CancellationToken ct) =>
        database.WriteAsync(
            session =>
            {
                if (session.Scalar(
                    "SELECT 1 FROM orchestration_instances WHERE id = @id AND state < 2", ("@id", instanceId)) is null)
                {
                    return false;
                }

                InstanceRows.Deliver(session, instanceId, raised, run: null);
                return true;
            },
            ct);

    public Task<RerunOutcome> RerunAsync(string instanceId, DateTimeOffset now, CancellationToken ct) =>
        database.WriteAsync(
            session =>
            {
                // Those that were started before inputs were kept have theirs in the history.
                var (name, state, input) = session.QueryFirst(
                    """
                    SELECT name, state, COALESCE(input, (SELECT payload FROM orchestration_history
                        WHERE instance = @id AND kind = @started ORDER BY sequence LIMIT 1), 'null')
                    FROM orchestration_instances WHERE id = @id
                    """,
                    static row => (row.GetString(0), row.GetInt32(1), row.GetString(2)),
                    ("@id", instanceId), ("@started", (int)HistoryKind.Started));
                if (name is null)
                {
                    return RerunOutcome.NotFound;
                }

                if (!((OrchestrationState)state).HasEnded())
                {
                    return RerunOutcome.Running;
                }

                InstanceRows.Restart(session, instanceId, new HistoryEvent.Started(name, input), now);
                return RerunOutcome.Started;
            },
            ct);

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

    private static OrchestrationInstance Read(SqliteRow row) => new(
        row.GetString(0),
        row.GetString(1),
        (OrchestrationState)row.GetInt32(2),
        DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(3)),
        DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(4)),
        TextOrNull(row, 5),
        TextOrNull(row, 6),
        TextOrNull(row, 7),
        TextOrNull(row, 8));

    private static string? TextOrNull(SqliteRow row, int column) =>
        row.IsDBNull(column) ? null : row.GetString(column);
}
