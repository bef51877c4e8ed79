using System.Diagnostics;
using System.Globalization;
using Local.Sqlite;
using static Local.Orchestrations.HistoryEvent;

namespace Local.Orchestrations;

/// <summary>An event as the history and the inbox store it.</summary>
/// <param name="Kind">See <see cref="HistoryKind"/>.</param>
/// <param name="TaskId">Of activities, timers, sub-orchestrations and awaited events.</param>
/// <param name="Name">Of the orchestration, activity or event.</param>
/// <param name="Payload">Input or output as JSON, or an error's text.</param>
/// <param name="Number">The attempt of an activity; else a time in milliseconds since 1970.</param>
/// <param name="Detail">The id of a sub-orchestration; an activity's own time-out in milliseconds.</param>
internal readonly record struct HistoryRow(
    HistoryKind Kind, int? TaskId, string? Name, string? Payload, long? Number, string? Detail = null)
{
    public const string Columns = "kind, task, name, payload, number, detail";

    public static HistoryRow From(HistoryEvent happened) => happened switch
    {
        StepStarted e => new(HistoryKind.StepStarted, null, null, null, e.At.ToUnixTimeMilliseconds()),
        Started e => new(HistoryKind.Started, null, e.Name, e.Input, null),
        ActivityScheduled e => new(
            HistoryKind.ActivityScheduled, e.TaskId, e.Name, e.Input, e.Attempt, Milliseconds(e.Timeout)),
        ActivityCompleted e => new(HistoryKind.ActivityCompleted, e.TaskId, null, e.Output, null),
        ActivityFailed e => new(HistoryKind.ActivityFailed, e.TaskId, null, e.Error, null),
        TimerCreated e => new(HistoryKind.TimerCreated, e.TaskId, null, null, e.FireAt.ToUnixTimeMilliseconds()),
        TimerFired e => new(HistoryKind.TimerFired, e.TaskId, null, null, null),
        Completed e => new(HistoryKind.Completed, null, null, e.Output, null),
        Failed e => new(HistoryKind.Failed, null, null, e.Error, null),
        SubOrchestrationCreated e => new(
            HistoryKind.SubOrchestrationCreated, e.TaskId, e.Name, e.Input, null, e.InstanceId),
        SubOrchestrationCompleted e => new(HistoryKind.SubOrchestrationCompleted, e.TaskId, null, e.Output, null),
        SubOrchestrationFailed e => new(HistoryKind.SubOrchestrationFailed, e.TaskId, null, e.Error, null),
        EventAwaited e => new(HistoryKind.EventAwaited, e.TaskId, e.Name, null, e.Until?.ToUnixTimeMilliseconds()),
        EventRaised e => new(HistoryKind.EventRaised, e.TaskId, e.Name, e.Payload, null),
        Terminated e => new(HistoryKind.Terminated, null, null, e.Reason, null),
        _ => throw new UnreachableException(),
    };

    /// <param name="reader">Stands on a row.</param>
    /// <param name="first">Where <see cref="Columns"/> begin in it.</param>
    /// <exception cref="InvalidDataException">The row is none that <see cref="From"/> makes.</exception>
    public static HistoryEvent Read(SqliteRow reader, int first)
    {
        var kind = (HistoryKind)reader.GetInt32(first);
        return kind switch
        {
            HistoryKind.StepStarted => new StepStarted(Time()),
            HistoryKind.Started => new Started(Name(), Payload()),
            HistoryKind.ActivityScheduled => new ActivityScheduled(
                TaskId(), Name(), Payload(), reader.GetInt32(first + 4), Timeout(Detail())),
            HistoryKind.ActivityCompleted => new ActivityCompleted(TaskId(), Payload()),
            HistoryKind.ActivityFailed => new ActivityFailed(TaskId(), Payload()),
            HistoryKind.TimerCreated => new TimerCreated(TaskId(), Time()),
            HistoryKind.TimerFired => new TimerFired(TaskId()),
            HistoryKind.Completed => new Completed(Payload()),
            HistoryKind.Failed => new Failed(Payload()),
            HistoryKind.SubOrchestrationCreated => new SubOrchestrationCreated(
                TaskId(), Name(), Payload(), reader.GetString(first + 5)),
            HistoryKind.SubOrchestrationCompleted => new SubOrchestrationCompleted(TaskId(), Payload()),
            HistoryKind.SubOrchestrationFailed => new SubOrchestrationFailed(TaskId(), Payload()),
            HistoryKind.EventAwaited => new EventAwaited(TaskId(), Name(), reader.IsDBNull(first + 4) ? null : Time()),
            HistoryKind.EventRaised => new EventRaised(reader.IsDBNull(first + 1) ? null : TaskId(), Name(), Payload()),
            HistoryKind.Terminated => new Terminated(Payload()),
            _ => throw new InvalidDataException($"the history has an event of kind {kind}, which this program does not know"),
        };

        int TaskId() => reader.GetInt32(first + 1);
        string Name() => reader.GetString(first + 2);
        string Payload() => reader.GetString(first + 3);
        DateTimeOffset Time() => DateTimeOffset.FromUnixTimeMilliseconds(reader.GetInt64(first + 4));
        string? Detail() => reader.IsDBNull(first + 5) ? null : reader.GetString(first + 5);
    }

    private static string? Milliseconds(TimeSpan? timeout) =>
        timeout is { } time ? ((long)time.TotalMilliseconds).ToString(CultureInfo.InvariantCulture) : null;

    private static TimeSpan? Timeout(string? milliseconds) =>
        milliseconds is null ? null : TimeSpan.FromMilliseconds(long.Parse(milliseconds, CultureInfo.InvariantCulture));
}

/// <summary>Stored: a number keeps its meaning for ever.</summary>
internal enum HistoryKind
{
    StepStarted = 1,
    Started = 2,
    ActivityScheduled = 3,
    ActivityCompleted = 4,
    ActivityFailed = 5,
    TimerCreated = 6,
    TimerFired = 7,
    Completed = 8,
    Failed = 9,
    SubOrchestrationCreated = 10,
    SubOrchestrationCompleted = 11,
    SubOrchestrationFailed = 12,
    EventAwaited = 13,
    EventRaised = 14,
    Terminated = 15,
}
