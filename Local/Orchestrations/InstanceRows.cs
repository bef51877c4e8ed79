using Backend.Orchestrations;
using Local.Sqlite;

namespace Local.Orchestrations;

/// <summary>What becomes of an instance as a whole, as part of somebody's transaction: born, told, ended, born again.</summary>
internal static class InstanceRows
{
    /// <returns>False when the id is taken.</returns>
    public static bool TryCreate(
        SqliteSession session, string instanceId, HistoryEvent.Started start, DateTimeOffset now, Parent? parent = null)
    {
        var inserted = session.Execute(
            """
            INSERT INTO orchestration_instances
                (id, name, state, created_at, updated_at, input, parent, parent_run, parent_task)
            VALUES (@id, @name, 0, @now, @now, @input, @parent, @parentRun, @parentTask) ON CONFLICT DO NOTHING
            """,
            ("@id", instanceId), ("@name", start.Name), ("@now", now.ToUnixTimeMilliseconds()),
            ("@input", start.Input), ("@parent", parent?.InstanceId), ("@parentRun", parent?.Run),
            ("@parentTask", parent?.TaskId));
        if (inserted == 1)
        {
            Deliver(session, instanceId, start, run: 1);
        }

        return inserted == 1;
    }

    /// <summary>Runs an instance that has ended anew, from nothing. What its earlier run has started ends unheard.</summary>
    public static void Restart(
        SqliteSession session, string instanceId, HistoryEvent.Started start, DateTimeOffset now, Parent? parent = null)
    {
        session.Execute("DELETE FROM orchestration_history WHERE instance = @id", ("@id", instanceId));
        var run = (long?)session.Scalar(
            """
            UPDATE orchestration_instances
            SET name = @name, state = 0, created_at = @now, updated_at = @now, output = NULL, error = NULL,
                input = @input, custom_status = NULL, run = run + 1,
                parent = @parent, parent_run = @parentRun, parent_task = @parentTask
            WHERE id = @id RETURNING run
            """,
            ("@id", instanceId), ("@name", start.Name), ("@now", now.ToUnixTimeMilliseconds()),
            ("@input", start.Input), ("@parent", parent?.InstanceId), ("@parentRun", parent?.Run),
            ("@parentTask", parent?.TaskId));
        Deliver(session, instanceId, start, (int?)run);
    }

    /// <summary>Puts a message into an instance's inbox.</summary>
    /// <param name="session">The transaction.</param>
    /// <param name="instanceId">Whose.</param>
    /// <param name="message">For an instance that has ended it is dropped: nobody would ever take it out.</param>
    /// <param name="run">The run that it is for, past which it is dropped; null for whichever takes it.</param>
    public static void Deliver(SqliteSession session, string instanceId, HistoryEvent message, int? run)
    {
        var row = HistoryRow.From(message);
        session.Execute(
            $"""
            INSERT INTO orchestration_inbox (instance, run, {HistoryRow.Columns})
            SELECT id, @run, @kind, @task, @name, @payload, @number, @detail
            FROM orchestration_instances WHERE id = @instance AND state < 2 AND (@run IS NULL OR run = @run)
            """,
            ("@instance", instanceId), ("@run", run), ("@kind", (int)row.Kind), ("@task", row.TaskId),
            ("@name", row.Name), ("@payload", row.Payload), ("@number", row.Number), ("@detail", row.Detail));
    }

    /// <summary>Ends a run that goes on: state and result, nothing left to wait for, and whoever called it is told.</summary>
    /// <param name="session">The transaction.</param>
    /// <param name="instanceId">Which.</param>
    /// <param name="end">Completed, failed or terminated.</param>
    /// <param name="now">The time of it.</param>
    /// <param name="woken">Gets the instance that called it.</param>
    public static void End(
        SqliteSession session, string instanceId, HistoryEvent end, DateTimeOffset now, ICollection<string> woken)
    {
        var (state, output, error) = end switch
        {
            HistoryEvent.Completed e => (OrchestrationState.Completed, e.Output, (string?)null),
            HistoryEvent.Failed e => (OrchestrationState.Failed, null, e.Error),
            HistoryEvent.Terminated e => (OrchestrationState.Terminated, null, e.Reason),
            _ => throw new ArgumentException($"{end} is no end", nameof(end)),
        };
        var parent = session.Query(
            """
            UPDATE orchestration_instances SET state = @state, updated_at = @now, output = @output, error = @error
            WHERE id = @id RETURNING parent, parent_run, parent_task
            """,
            static row => row.IsDBNull(0) ? null : new Parent(row.GetString(0), row.GetInt32(1), row.GetInt32(2)),
            ("@state", (int)state), ("@now", now.ToUnixTimeMilliseconds()), ("@output", output), ("@error", error),
            ("@id", instanceId))[0];
        // Nobody waits for them any more. Activities stay: what was started is run.
        session.Execute("DELETE FROM orchestration_timers WHERE instance = @id", ("@id", instanceId));
        session.Execute("DELETE FROM orchestration_inbox WHERE instance = @id", ("@id", instanceId));
        if (parent is not null)
        {
            HistoryEvent outcome = output is not null
                ? new HistoryEvent.SubOrchestrationCompleted(parent.TaskId, output)
                : new HistoryEvent.SubOrchestrationFailed(
                    parent.TaskId, state is OrchestrationState.Terminated ? $"Terminated: {error}" : error ?? "");
            Deliver(session, parent.InstanceId, outcome, parent.Run);
            woken.Add(parent.InstanceId);
        }
    }

    /// <summary>Ends an instance and those that it called, in whatever state they are.</summary>
    /// <returns>False when there is none that runs.</returns>
    public static bool TryTerminate(
        SqliteSession session, string instanceId, string reason, DateTimeOffset now, ICollection<string> woken)
    {
        if (session.Scalar(
            "SELECT run FROM orchestration_instances WHERE id = @id AND state < 2", ("@id", instanceId)) is not long run)
        {
            return false;
        }

        var end = new HistoryEvent.Terminated(reason);
        var row = HistoryRow.From(end);
        // A step that is being made meanwhile finds that the history has grown, and is dropped.
        session.Execute(
            """
            INSERT INTO orchestration_history (instance, sequence, kind, payload)
            SELECT @id, COALESCE(MAX(sequence), 0) + 1, @kind, @reason FROM orchestration_history WHERE instance = @id
            """,
            ("@id", instanceId), ("@kind", (int)row.Kind), ("@reason", row.Payload));
        session.Execute("DELETE FROM orchestration_activities WHERE instance = @id", ("@id", instanceId));
        End(session, instanceId, end, now, woken);
        var children = session.Query(
            "SELECT id FROM orchestration_instances WHERE parent = @id AND parent_run = @run AND state < 2",
            static child => child.GetString(0), ("@id", instanceId), ("@run", run));
        foreach (var child in children)
        {
            TryTerminate(session, child, $"its parent was terminated: {reason}", now, woken);
        }

        return true;
    }
}

/// <summary>Who waits for an instance's end.</summary>
internal sealed record Parent(string InstanceId, int Run, int TaskId);
