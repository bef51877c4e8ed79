using System.Diagnostics;
using Local.Sqlite;
using static Local.Orchestrations.HistoryEvent;

namespace Local.Orchestrations;

/// <summary>An event as the history and the inbox store it.</summary>
/// <param name="Kind">See <see cref="HistoryKind"/>.</param>
/// <param name="TaskId">Of activities and timers.</param>
/// <param name="Name">Of the orchestration or activity.</param>
/// <param name="Payload">Input or output as JSON, or an error's text.</param>
/// <param name="Number">The attempt of an activity; else a time in milliseconds since 1970.</param>
internal readonly record struct HistoryRow(HistoryKind Kind, int? TaskId, string? Name, string? Payload, long? Number)
{
    public const string Columns = "kind, task, name, payload, number";

    public static HistoryRow From(HistoryEvent happened) => happened switch
    {
        StepStarted e => new(HistoryKind.StepStarted, null, null, null, e.At.ToUnixTimeMilliseconds()),
        Started e => new(HistoryKind.Started, null, e.Name, e.Input, null),
        ActivityScheduled e => new(HistoryKind.ActivityScheduled, e.TaskId, e.Name, e.Input, e.Attempt),
        ActivityCompleted e => new(HistoryKind.ActivityCompleted, e.TaskId, null, e.Output, null),
        ActivityFailed e => new(HistoryKind.ActivityFailed, e.TaskId, null, e.Error, null),
        TimerCreated e => new(HistoryKind.TimerCreated, e.TaskId, null, null, e.FireAt.ToUnixTimeMilliseconds()),
        TimerFired e => new(HistoryKind.TimerFired, e.TaskId, null, null, null),
        Completed e => new(HistoryKind.Completed, null, null, e.Output, null),
        Failed e => new(HistoryKind.Failed, null, null, e.Error, null),
        _ => throw new UnreachableException(),
    };

    /// <param name="reader">Stands on a row.</param>
    /// <param name="first">Where <see cref="Columns"/> begin in it.</param>
    public static HistoryEvent Read(SqliteRow reader, int first)
    {
        var kind = (HistoryKind)reader.GetInt32(first);
        return kind switch
        {
            HistoryKind.StepStarted => new StepStarted(Time(reader, first)),
            HistoryKind.Started => new Started(reader.GetString(first + 2), Payload(reader, first)),
            HistoryKind.ActivityScheduled => new ActivityScheduled(
                TaskId(reader, first), reader.GetString(first + 2), Payload(reader, first), reader.GetInt32(first + 4)),
            HistoryKind.ActivityCompleted => new ActivityCompleted(TaskId(reader, first), Payload(reader, first)),
            HistoryKind.ActivityFailed => new ActivityFailed(TaskId(reader, first), Payload(reader, first)),
            HistoryKind.TimerCreated => new TimerCreated(TaskId(reader, first), Time(reader, first)),
            HistoryKind.TimerFired => new TimerFired(TaskId(reader, first)),
            HistoryKind.Completed => new Completed(Payload(reader, first)),
            HistoryKind.Failed => new Failed(Payload(reader, first)),
            _ => throw new InvalidDataException($"the history has an event of kind {kind}, written by a newer program"),
        };

        static int TaskId(SqliteRow reader, int first) => reader.GetInt32(first + 1);
        static string Payload(SqliteRow reader, int first) => reader.GetString(first + 3);
        static DateTimeOffset Time(SqliteRow reader, int first) =>
            DateTimeOffset.FromUnixTimeMilliseconds(reader.GetInt64(first + 4));
    }
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
}
