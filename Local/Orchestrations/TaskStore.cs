using Local.Sqlite;

namespace Local.Orchestrations;

/// <summary>Activities and timers that wait, and their outcomes on the way into the inboxes.</summary>
internal sealed class TaskStore(SqliteDatabase database, EngineFence fence)
{
    private const string Columns = "sequence, instance, run, task, name, input, attempt, timeout";

    /// <summary>The number of the newest activity; those that come later have a greater one.</summary>
    public long LastActivity() => database.Read(static session =>
        session.Scalar("SELECT MAX(sequence) FROM orchestration_activities") as long? ?? 0);

    /// <summary>Activities without an outcome, oldest first, after one number and up to another.</summary>
    /// <param name="after">Not this one.</param>
    /// <param name="upTo">This one too.</param>
    /// <param name="limit">How many at most.</param>
    public List<PendingActivity> ReadActivities(long after, long upTo, int limit) =>
        database.Read(session => session.Query(
            $"""
            SELECT {Columns} FROM orchestration_activities
            WHERE sequence > @after AND sequence <= @upTo ORDER BY sequence LIMIT @limit
            """,
            Read,
            ("@after", after), ("@upTo", upTo), ("@limit", limit)));

    /// <summary>As above, of one kind.</summary>
    public List<PendingActivity> ReadActivities(string name, long after, long upTo, int limit) =>
        database.Read(session => session.Query(
            $"""
            SELECT {Columns} FROM orchestration_activities
            WHERE name = @name AND sequence > @after AND sequence <= @upTo ORDER BY sequence LIMIT @limit
            """,
            Read,
            ("@name", name), ("@after", after), ("@upTo", upTo), ("@limit", limit)));

    /// <summary>Hands an activity's outcome to its instance, once: a second one finds the activity gone.</summary>
    /// <returns>Whether this was the first outcome.</returns>
    public Task<bool> RecordAsync(PendingActivity activity, HistoryEvent outcome) => fence.WriteAsync(
        session =>
        {
            var removed = session.Execute(
                "DELETE FROM orchestration_activities WHERE sequence = @sequence", ("@sequence", activity.Sequence));
            if (removed == 1)
            {
                InstanceRows.Deliver(session, activity.InstanceId, outcome, activity.Run);
            }

            return removed == 1;
        },
        // The work is done: whoever stops the engine may wait a moment for it to be written down.
        CancellationToken.None);

    /// <summary>Hands timers that are due to their instances.</summary>
    /// <returns>The instances, one for every timer.</returns>
    public Task<List<string>> FireTimersAsync(DateTimeOffset now, int limit, CancellationToken ct) =>
        fence.WriteAsync(
            session =>
            {
                // They go with the run that made them, so those that are there are of the present one.
                var due = session.Query(
                    """
                    SELECT timer.instance, timer.task, instance.run FROM orchestration_timers AS timer
                    LEFT JOIN orchestration_instances AS instance ON instance.id = timer.instance
                    WHERE timer.fire_at <= @now ORDER BY timer.fire_at LIMIT @limit
                    """,
                    static row => (
                        InstanceId: row.GetString(0), TaskId: row.GetInt32(1), Run: row.IsDBNull(2) ? 0 : row.GetInt32(2)),
                    ("@now", now.ToUnixTimeMilliseconds()), ("@limit", limit));
                foreach (var (instanceId, taskId, run) in due)
                {
                    session.Execute(
                        "DELETE FROM orchestration_timers WHERE instance = @instance AND task = @task",
                        ("@instance", instanceId), ("@task", taskId));
                    InstanceRows.Deliver(session, instanceId, new HistoryEvent.TimerFired(taskId), run);
                }

                return due.ConvertAll(static timer => timer.InstanceId);
            },
            ct);

    /// <summary>When the next timer is due; null when there is none.</summary>
    public DateTimeOffset? NextTimer() => database.Read(static session =>
        session.Scalar("SELECT MIN(fire_at) FROM orchestration_timers") is long milliseconds
            ? DateTimeOffset.FromUnixTimeMilliseconds(milliseconds)
            : (DateTimeOffset?)null);

    private static PendingActivity Read(SqliteRow row) => new(
        row.GetInt64(0), row.GetString(1), row.GetInt32(2), row.GetInt32(3), row.GetString(4), row.GetString(5),
        row.GetInt32(6), row.IsDBNull(7) ? null : TimeSpan.FromMilliseconds(row.GetInt64(7)));
}

/// <summary>An activity that was scheduled and has no outcome.</summary>
internal sealed record PendingActivity(
    long Sequence, string InstanceId, int Run, int TaskId, string Name, string Input, int Attempt, TimeSpan? Timeout);
