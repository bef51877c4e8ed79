namespace Local.Orchestrations;

/// <summary>
/// What happened to an instance. The list of them, in order, is all that a replay reads. A step appends
/// <see cref="StepStarted"/>, the messages that it took, what the code then asked for, and the end if it came.
/// </summary>
internal abstract record HistoryEvent
{
    /// <summary>The time of the messages that follow, as the orchestration sees it.</summary>
    public sealed record StepStarted(DateTimeOffset At) : HistoryEvent;

    public sealed record Started(string Name, string Input) : HistoryEvent;

    /// <param name="TaskId">Counts what the code asked for: the same in every replay of deterministic code.</param>
    /// <param name="Name">The activity.</param>
    /// <param name="Input">As JSON.</param>
    /// <param name="Attempt">1 for the first.</param>
    public sealed record ActivityScheduled(int TaskId, string Name, string Input, int Attempt) : HistoryEvent;

    public sealed record ActivityCompleted(int TaskId, string Output) : HistoryEvent;

    public sealed record ActivityFailed(int TaskId, string Error) : HistoryEvent;

    public sealed record TimerCreated(int TaskId, DateTimeOffset FireAt) : HistoryEvent;

    public sealed record TimerFired(int TaskId) : HistoryEvent;

    public sealed record Completed(string Output) : HistoryEvent;

    public sealed record Failed(string Error) : HistoryEvent;
}
