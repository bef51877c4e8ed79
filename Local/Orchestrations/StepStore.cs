using Local.Sqlite;

namespace Local.Orchestrations;

/// <summary>What a step reads, and the one transaction in which it is written.</summary>
internal sealed class StepStore(SqliteDatabase database, EngineFence fence)
{
    /// <summary>Null when there is no such instance, it has ended, or nothing waits for it.</summary>
    /// <exception cref="InvalidDataException">What is stored cannot be read.</exception>
    public PendingStep? Load(string instanceId) => database.Read(session =>
    {
        // In this order: a run that is over by now has no messages any more, and what is read of it is refused below.
        var (name, run) = session.QueryFirst(
            "SELECT name, run FROM orchestration_instances WHERE id = @id AND state < 2",
            static row => (row.GetString(0), row.GetInt32(1)),
            ("@id", instanceId));
        if (name is null)
        {
            return null;
        }

        var history = session.Query(
            $"SELECT sequence, {HistoryRow.Columns} FROM orchestration_history WHERE instance = @id ORDER BY sequence",
            static row => (Sequence: row.GetInt32(0), Event: HistoryRow.Read(row, 1)),
            ("@id", instanceId));
        var inbox = session.Query(
            $"""
            SELECT sequence, {HistoryRow.Columns} FROM orchestration_inbox
            WHERE instance = @id AND (run IS NULL OR run = @run) ORDER BY sequence
            """,
            static row => (Sequence: row.GetInt64(0), Message: HistoryRow.Read(row, 1)),
            ("@id", instanceId), ("@run", run));
        if (inbox.Count == 0)
        {
            return null;
        }

        if (history is [.., var last] && last.Sequence != history.Count)
        {
            throw new InvalidDataException($"the history has {history.Count} events, and number {last.Sequence} among them");
        }

        return new PendingStep(
            instanceId, run, name, history.ConvertAll(static row => row.Event),
            inbox.ConvertAll(static row => row.Message), inbox[^1].Sequence);
    });

    /// <summary>
    /// Takes the step's messages out of the inbox and appends its events to the history, with what follows from them:
    /// activities, timers, other instances, the instance's state. All of it or nothing.
    /// </summary>
    /// <returns>The instances that have messages from it; null when the instance is no longer what was loaded.</returns>
    public Task<List<string>?> CommitAsync(PendingStep step, StepResult result) => fence.WriteAsync(
        session => IsStillSo(session, step) ? new StepWrite(session, step).Run(result) : null,
        // A step is never given up half way; what stops the engine waits for it.
        CancellationToken.None);

    /// <summary>Ends an instance that cannot be stepped. Its history stays as it is, for people to look into.</summary>
    /// <returns>The instances that have messages from it.</returns>
    public Task<List<string>> FailAsync(string instanceId, string error, DateTimeOffset now) => fence.WriteAsync(
        session =>
        {
            List<string> woken = [];
            var runs = session.Scalar(
                "SELECT 1 FROM orchestration_instances WHERE id = @id AND state < 2", ("@id", instanceId)) is not null;
            if (runs)
            {
                InstanceRows.End(session, instanceId, new HistoryEvent.Failed(error), now, woken);
            }

            return woken;
        },
        CancellationToken.None);

    /// <summary>Whether nobody has terminated, replaced or stepped it since.</summary>
    private static bool IsStillSo(SqliteSession session, PendingStep step) => session.Scalar(
        """
        SELECT 1 FROM orchestration_instances
        WHERE id = @id AND run = @run AND state < 2 AND @length =
            (SELECT COALESCE(MAX(sequence), 0) FROM orchestration_history WHERE instance = @id)
        """,
        ("@id", step.InstanceId), ("@run", step.Run), ("@length", step.History.Count)) is not null;
}

/// <summary>Messages that wait for an instance, and the history that they meet.</summary>
/// <param name="InstanceId">The instance.</param>
/// <param name="Run">Its present run, from 1.</param>
/// <param name="Orchestration">Its orchestration's name.</param>
/// <param name="History">Of the present run, from the beginning.</param>
/// <param name="Messages">At least one, in the order of their arrival.</param>
/// <param name="LastMessage">The last one's number in the inbox.</param>
internal sealed record PendingStep(
    string InstanceId,
    int Run,
    string Orchestration,
    IReadOnlyList<HistoryEvent> History,
    IReadOnlyList<HistoryEvent> Messages,
    long LastMessage);
