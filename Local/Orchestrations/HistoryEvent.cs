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
    /// <param name="Timeout">Of this attempt, if not that of the options; whole milliseconds.</param>
    public sealed record ActivityScheduled(
        int TaskId, string Name, string Input, int Attempt, TimeSpan? Timeout = null) : HistoryEvent;

    public sealed record ActivityCompleted(int TaskId, string Output) : HistoryEvent;

    public sealed record ActivityFailed(int TaskId, string Error) : HistoryEvent;

    public sealed record TimerCreated(int TaskId, DateTimeOffset FireAt) : HistoryEvent;

    /// <summary>A timer is due, or the time is up in which an event had to come.</summary>
    public sealed record TimerFired(int TaskId) : HistoryEvent;

    public sealed record SubOrchestrationCreated(int TaskId, string Name, string Input, string InstanceId) : HistoryEvent;

    public sealed record SubOrchestrationCompleted(int TaskId, string Output) : HistoryEvent;

    public sealed record SubOrchestrationFailed(int TaskId, string Error) : HistoryEvent;

    /// <param name="TaskId">As above.</param>
    /// <param name="Name">The event's.</param>
    /// <param name="Until">When to give up; null for never, and where the event was there in the same step.</param>
    public sealed record EventAwaited(int TaskId, string Name, DateTimeOffset? Until) : HistoryEvent;

    /// <param name="TaskId">Who waited for it; null when nobody did, and it is kept.</param>
    /// <param name="Name">The event's.</param>
    /// <param name="Payload">As JSON.</param>
    public sealed record EventRaised(int? TaskId, string Name, string Payload) : HistoryEvent;

    public sealed record Completed(string Output) : HistoryEvent;

    public sealed record Failed(string Error) : HistoryEvent;

    public sealed record Terminated(string Reason) : HistoryEvent;

    /// <summary>The end of a run that another one follows. Never stored: the history that it would close is dropped.</summary>
    /// <param name="Input">Of the next run.</param>
    /// <param name="Events">What the next run finds, in this order.</param>
    public sealed record ContinuedAsNew(string Input, IReadOnlyList<EventRaised> Events) : HistoryEvent;
}
