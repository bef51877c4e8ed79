using Backend.Orchestrations;
using static Local.Orchestrations.HistoryEvent;

namespace Local.Orchestrations;

/// <summary>
/// One step of an instance as a pure function: its history and the messages that arrived go in, the events to append
/// come out. What is to be done (activities, timers) and how the instance stands is all in these events.
/// </summary>
internal static class Replay
{
    /// <param name="code">JSON in, JSON out.</param>
    /// <param name="step">The history, and the messages in the order of their arrival.</param>
    /// <param name="now">The step's time, unless history or a fired timer is already later.</param>
    /// <param name="settings">Limits.</param>
    /// <returns>What to append; nothing when no message was news.</returns>
    /// <exception cref="ReplayDivergedException">The code does something else than the history says.</exception>
    public static StepResult Step(
        Func<OrchestrationContext, string, Task<string>> code,
        PendingStep step,
        DateTimeOffset now,
        ReplaySettings settings)
    {
        var execution = new ReplayExecution(code, step.InstanceId, step.Run, settings);
        var started = new StepStarted(TimeOfStep(step.History, step.Messages, now));
        execution.ApplyHistory([.. step.History, started]);
        List<HistoryEvent> appended = [started];
        List<EventRaised> late = [];
        foreach (var message in step.Messages)
        {
            if (execution.Accepts(message))
            {
                appended.Add(execution.Receive(message));
            }
            else if (message is EventRaised raised)
            {
                late.Add(raised);
            }
        }

        if (appended.Count == 1)
        {
            return new StepResult([], null);
        }

        var end = execution.End(late);
        var actions = execution.NewActions();
        if (end is null && step.History.Count + appended.Count + actions.Count > settings.MaxHistoryEvents)
        {
            // Without the actions: none of them is to be done any more.
            end = new Failed(ErrorText.Of(new HistoryTooLongException(settings.MaxHistoryEvents)));
            actions = [];
        }

        appended.AddRange(actions);
        if (end is not null)
        {
            appended.Add(end);
        }

        return new StepResult(appended, execution.CustomStatus);
    }

    /// <summary>Whole milliseconds; never before an earlier step or the due time of a timer that fired.</summary>
    private static DateTimeOffset TimeOfStep(
        IReadOnlyList<HistoryEvent> history, IReadOnlyList<HistoryEvent> messages, DateTimeOffset now)
    {
        var fired = messages.OfType<TimerFired>().Select(message => message.TaskId).ToHashSet();
        var latest = now.ToUnixTimeMilliseconds();
        foreach (var happened in history)
        {
            latest = happened switch
            {
                StepStarted e => Math.Max(latest, e.At.ToUnixTimeMilliseconds()),
                TimerCreated e when fired.Contains(e.TaskId) => Math.Max(latest, e.FireAt.ToUnixTimeMilliseconds()),
                EventAwaited { Until: { } until } e when fired.Contains(e.TaskId) =>
                    Math.Max(latest, until.ToUnixTimeMilliseconds()),
                _ => latest,
            };
        }

        return DateTimeOffset.FromUnixTimeMilliseconds(latest);
    }
}

/// <param name="Events">To append; the last one tells whether the run ended.</param>
/// <param name="CustomStatus">As JSON; null when the code has set none.</param>
internal sealed record StepResult(List<HistoryEvent> Events, string? CustomStatus);
