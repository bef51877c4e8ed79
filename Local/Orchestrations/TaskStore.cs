using Local.Sqlite;

namespace Local.Orchestrations;

/// <summary>Activities and timers that wait, and their outcomes on the way into the inboxes.</summary>
internal sealed class TaskStore(SqliteDatabase database)
{
    /// <summary>Activities without an outcome, oldest first, from after <paramref name="after"/>.</summary>
    public List<PendingActivity> ReadActivities(long after, int limit) => database.Read(session => session.Query(
        """
        SELECT sequence, instance, task, name, input, attempt FROM orchestration_activities
        WHERE sequence > @after ORDER BY sequence LIMIT @limit
        """,
        static row => new PendingActivity(
            row.GetInt64(0), row.GetString(1), row.GetInt32(2), row.GetString(3), row.GetString(4), row.GetInt32(5)),
        ("@after", after), ("@limit", limit)));

    /// <summary>Hands an activity's outcome to its instance, once: a second one finds the activity gone.</summary>
    /// <returns>Whether this was the first outcome.</returns>
    public Task<bool> RecordAsync(PendingActivity activity, HistoryEvent outcome) => database.WriteAsync(
        session =>
        {
            var removed = session.Execute(
                "DELETE FROM orchestration_activities WHERE sequence = @sequence", ("@sequence", activity.Sequence));
            if (removed == 1)
            {
                OrchestrationStore.Deliver(session, activity.InstanceId, outcome);
            }

            return removed == 1;
        },
        // The work is done: whoever stops the engine may wait a moment for it to be written down.
        CancellationToken.None);

    /// <summary>Hands timers that are due to their instances.</summary>
    /// <returns>The instances, one for every timer.</returns>
    public Task<List<string>> FireTimersAsync(DateTimeOffset now, int limit, CancellationToken ct) =>
        database.WriteAsync(
            session =>
            {
                var due = session.Query(
                    """
                    SELECT instance, task FROM orchestration_timers
                    WHERE fire_at <= @now ORDER BY fire_at LIMIT @limit
                    """,
                    static row => (InstanceId: row.GetString(0), TaskId: row.GetInt32(1)),
                    ("@now", now.ToUnixTimeMilliseconds()), ("@limit", limit));
                foreach (var (instanceId, taskId) in due)
                {
                    session.Execute(
                        "DELETE FROM orchestration_timers WHERE instance = @instance AND task = @task",
                        ("@instance", instanceId), ("@task", taskId));
                    OrchestrationStore.Deliver(session, instanceId, new HistoryEvent.TimerFired(taskId));
                }

                return due.ConvertAll(static timer => timer.InstanceId);
            },
            ct);

    /// <summary>When the next timer is due; null when there is none.</summary>
    public DateTimeOffset? NextTimer() => database.Read(static session =>
        session.Scalar("SELECT MIN(fire_at) FROM orchestration_timers") is long milliseconds
            ? DateTimeOffset.FromUnixTimeMilliseconds(milliseconds)
            : (DateTimeOffset?)null);
}

/// <summary>An activity that was scheduled and has no outcome.</summary>
internal sealed record PendingActivity(
    long Sequence, string InstanceId, int TaskId, string Name, string Input, int Attempt);
