using Backend.Orchestrations;
using Local.Sqlite;

namespace Local.Orchestrations;

/// <summary>What a step reads, and the one transaction in which it is written.</summary>
internal sealed class StepStore(SqliteDatabase database)
{
    /// <summary>Null when there is no such instance or nothing waits for it.</summary>
    public PendingStep? Load(string instanceId) => database.Read(session =>
    {
        var inbox = session.Query(
            $"""
            SELECT sequence, {HistoryRow.Columns} FROM orchestration_inbox
            WHERE instance = @instance ORDER BY sequence
            """,
            static row => (Sequence: row.GetInt64(0), Message: HistoryRow.Read(row, 1)),
            ("@instance", instanceId));
        var name = session.Scalar("SELECT name FROM orchestration_instances WHERE id = @id", ("@id", instanceId));
        if (inbox.Count == 0 || name is null)
        {
            return null;
        }

        var history = session.Query(
            $"SELECT {HistoryRow.Columns} FROM orchestration_history WHERE instance = @instance ORDER BY sequence",
            static row => HistoryRow.Read(row, 0),
            ("@instance", instanceId));
        return new PendingStep(
            instanceId, (string)name, history, inbox.ConvertAll(static row => row.Message), inbox[^1].Sequence);
    });

    /// <summary>
    /// Takes the step's messages out of the inbox and appends <paramref name="events"/> to the history, with what
    /// follows from them: activities, timers, the instance's state. All of it or nothing.
    /// </summary>
    /// <exception cref="Microsoft.Data.Sqlite.SqliteException">
    /// Another process has written this step: then nothing of this one is kept.
    /// </exception>
    public Task CommitAsync(PendingStep step, IReadOnlyList<HistoryEvent> events) => database.WriteAsync(
        session =>
        {
            session.Execute(
                "DELETE FROM orchestration_inbox WHERE instance = @instance AND sequence <= @last",
                ("@instance", step.InstanceId), ("@last", step.LastMessage));
            var sequence = step.History.Count;
            foreach (var happened in events)
            {
                Append(session, step.InstanceId, ++sequence, happened);
                Enact(session, step.InstanceId, happened);
            }

            if (events.Count > 0)
            {
                UpdateInstance(session, step.InstanceId, events);
            }

            return sequence;
        },
        // A step is never given up half way; what stops the engine waits for it.
        CancellationToken.None);

    private static void Append(SqliteSession session, string instanceId, int sequence, HistoryEvent happened)
    {
        var row = HistoryRow.From(happened);
        session.Execute(
            $"""
            INSERT INTO orchestration_history (instance, sequence, {HistoryRow.Columns})
            VALUES (@instance, @sequence, @kind, @task, @name, @payload, @number)
            """,
            ("@instance", instanceId), ("@sequence", sequence), ("@kind", (int)row.Kind), ("@task", row.TaskId),
            ("@name", row.Name), ("@payload", row.Payload), ("@number", row.Number));
    }

    private static void Enact(SqliteSession session, string instanceId, HistoryEvent happened)
    {
        switch (happened)
        {
            case HistoryEvent.ActivityScheduled e:
                session.Execute(
                    """
                    INSERT INTO orchestration_activities (instance, task, name, input, attempt)
                    VALUES (@instance, @task, @name, @input, @attempt)
                    """,
                    ("@instance", instanceId), ("@task", e.TaskId), ("@name", e.Name), ("@input", e.Input),
                    ("@attempt", e.Attempt));
                break;
            case HistoryEvent.TimerCreated e:
                session.Execute(
                    "INSERT INTO orchestration_timers (instance, task, fire_at) VALUES (@instance, @task, @fireAt)",
                    ("@instance", instanceId), ("@task", e.TaskId), ("@fireAt", e.FireAt.ToUnixTimeMilliseconds()));
                break;
            case HistoryEvent.Completed or HistoryEvent.Failed:
                // Nobody waits for them any more. Activities stay: what was started is run.
                session.Execute("DELETE FROM orchestration_timers WHERE instance = @id", ("@id", instanceId));
                session.Execute("DELETE FROM orchestration_inbox WHERE instance = @id", ("@id", instanceId));
                break;
        }
    }

    private static void UpdateInstance(SqliteSession session, string instanceId, IReadOnlyList<HistoryEvent> events)
    {
        var (state, output, error) = events[^1] switch
        {
            HistoryEvent.Completed e => (OrchestrationState.Completed, e.Output, null),
            HistoryEvent.Failed e => (OrchestrationState.Failed, null, e.Error),
            _ => (OrchestrationState.Running, (string?)null, (string?)null),
        };
        var at = ((HistoryEvent.StepStarted)events[0]).At; // every step begins with its time
        session.Execute(
            """
            UPDATE orchestration_instances SET state = @state, updated_at = @at, output = @output, error = @error
            WHERE id = @id
            """,
            ("@state", (int)state), ("@at", at.ToUnixTimeMilliseconds()), ("@output", output), ("@error", error),
            ("@id", instanceId));
    }
}

/// <summary>Messages that wait for an instance, and the history that they meet.</summary>
/// <param name="InstanceId">The instance.</param>
/// <param name="Orchestration">Its orchestration's name.</param>
/// <param name="History">From the beginning.</param>
/// <param name="Messages">At least one, in the order of their arrival.</param>
/// <param name="LastMessage">The last one's number in the inbox.</param>
internal sealed record PendingStep(
    string InstanceId,
    string Orchestration,
    IReadOnlyList<HistoryEvent> History,
    IReadOnlyList<HistoryEvent> Messages,
    long LastMessage);
