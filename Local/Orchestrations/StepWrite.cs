using Backend.Orchestrations;
using Local.Sqlite;
using static Local.Orchestrations.HistoryEvent;

namespace Local.Orchestrations;

/// <summary>One step on its way into the database, inside the transaction that decides about all of it.</summary>
internal sealed class StepWrite(SqliteSession session, PendingStep step)
{
    private readonly List<string> _woken = [];

    /// <returns>The instances that have messages from this step.</returns>
    public List<string> Run(StepResult result)
    {
        session.Execute(
            "DELETE FROM orchestration_inbox WHERE instance = @instance AND sequence <= @last",
            ("@instance", step.InstanceId), ("@last", step.LastMessage));
        if (result.Events.Count == 0)
        {
            return _woken;
        }

        var at = ((StepStarted)result.Events[0]).At; // every step begins with its time
        foreach (var happened in result.Events)
        {
            Enact(happened, at);
        }

        UpdateInstance(at, result.CustomStatus);
        switch (result.Events[^1])
        {
            case ContinuedAsNew next:
                Renew(next);
                break;
            case Completed or Failed:
                Append(result.Events);
                InstanceRows.End(session, step.InstanceId, result.Events[^1], at, _woken);
                break;
            default:
                Append(result.Events);
                break;
        }

        return _woken;
    }

    private void Append(List<HistoryEvent> events)
    {
        var sequence = step.History.Count;
        foreach (var happened in events)
        {
            var row = HistoryRow.From(happened);
            session.Execute(
                $"""
                INSERT INTO orchestration_history (instance, sequence, {HistoryRow.Columns})
                VALUES (@instance, @sequence, @kind, @task, @name, @payload, @number, @detail)
                """,
                ("@instance", step.InstanceId), ("@sequence", ++sequence), ("@kind", (int)row.Kind),
                ("@task", row.TaskId), ("@name", row.Name), ("@payload", row.Payload), ("@number", row.Number),
                ("@detail", row.Detail));
        }
    }

    private void Enact(HistoryEvent happened, DateTimeOffset at)
    {
        switch (happened)
        {
            case ActivityScheduled e:
                session.Execute(
                    """
                    INSERT INTO orchestration_activities (instance, run, task, name, input, attempt, timeout)
                    VALUES (@instance, @run, @task, @name, @input, @attempt, @timeout)
                    """,
                    ("@instance", step.InstanceId), ("@run", step.Run), ("@task", e.TaskId), ("@name", e.Name),
                    ("@input", e.Input), ("@attempt", e.Attempt), ("@timeout", (long?)e.Timeout?.TotalMilliseconds));
                break;
            case TimerCreated e:
                CreateTimer(e.TaskId, e.FireAt);
                break;
            case EventAwaited { Until: { } until } e:
                CreateTimer(e.TaskId, until);
                break;
            case EventRaised { TaskId: { } taskId }:
                session.Execute(
                    "DELETE FROM orchestration_timers WHERE instance = @instance AND task = @task",
                    ("@instance", step.InstanceId), ("@task", taskId));
                break;
            case SubOrchestrationCreated e:
                CreateChild(e, at);
                break;
        }
    }

    private void CreateTimer(int taskId, DateTimeOffset fireAt) => session.Execute(
        "INSERT INTO orchestration_timers (instance, task, fire_at) VALUES (@instance, @task, @fireAt)",
        ("@instance", step.InstanceId), ("@task", taskId), ("@fireAt", fireAt.ToUnixTimeMilliseconds()));

    private void CreateChild(SubOrchestrationCreated e, DateTimeOffset at)
    {
        var parent = new Parent(step.InstanceId, step.Run, e.TaskId);
        var start = new Started(e.Name, e.Input);
        if (InstanceRows.TryCreate(session, e.InstanceId, start, at, parent))
        {
            _woken.Add(e.InstanceId);
        }
        else if (session.Scalar(
            "SELECT 1 FROM orchestration_instances WHERE id = @id AND parent = @parent AND state >= 2",
            ("@id", e.InstanceId), ("@parent", step.InstanceId)) is not null)
        {
            // A further attempt, or the same call in a later run.
            InstanceRows.Restart(session, e.InstanceId, start, at, parent);
            _woken.Add(e.InstanceId);
        }
        else
        {
            var taken = new InvalidOperationException($"the id {e.InstanceId} is taken by another instance");
            InstanceRows.Deliver(
                session, step.InstanceId, new SubOrchestrationFailed(e.TaskId, ErrorText.Of(taken)), step.Run);
            _woken.Add(step.InstanceId);
        }
    }

    private void UpdateInstance(DateTimeOffset at, string? customStatus) => session.Execute(
        """
        UPDATE orchestration_instances
        SET state = @state, updated_at = @at, custom_status = COALESCE(@customStatus, custom_status) WHERE id = @id
        """,
        ("@state", (int)OrchestrationState.Running), ("@at", at.ToUnixTimeMilliseconds()),
        ("@customStatus", customStatus), ("@id", step.InstanceId));

    /// <summary>The next run begins with an empty history, the events that are left, and nothing else of this one.</summary>
    private void Renew(ContinuedAsNew next)
    {
        session.Execute("DELETE FROM orchestration_history WHERE instance = @id", ("@id", step.InstanceId));
        session.Execute("DELETE FROM orchestration_timers WHERE instance = @id", ("@id", step.InstanceId));
        session.Execute(
            "DELETE FROM orchestration_inbox WHERE instance = @id AND run IS NOT NULL", ("@id", step.InstanceId));
        session.Execute("UPDATE orchestration_instances SET run = run + 1 WHERE id = @id", ("@id", step.InstanceId));
        var late = session.Scalar(
            "SELECT MAX(sequence) FROM orchestration_inbox WHERE instance = @id", ("@id", step.InstanceId));
        InstanceRows.Deliver(session, step.InstanceId, new Started(step.Orchestration, next.Input), step.Run + 1);
        foreach (var raised in next.Events)
        {
            InstanceRows.Deliver(session, step.InstanceId, raised, run: null);
        }

        if (late is not null)
        {
            MoveToTheEnd((long)late);
        }

        _woken.Add(step.InstanceId);
    }

    /// <summary>Events that came while the step was made are younger than those that it leaves to the next run.</summary>
    private void MoveToTheEnd(long last)
    {
        session.Execute(
            $"""
            INSERT INTO orchestration_inbox (instance, run, {HistoryRow.Columns})
            SELECT instance, run, {HistoryRow.Columns} FROM orchestration_inbox
            WHERE instance = @id AND sequence <= @last ORDER BY sequence
            """,
            ("@id", step.InstanceId), ("@last", last));
        session.Execute(
            "DELETE FROM orchestration_inbox WHERE instance = @id AND sequence <= @last",
            ("@id", step.InstanceId), ("@last", last));
    }
}
