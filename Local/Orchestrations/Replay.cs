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
    /// <param name="instanceId">What the context tells as its id.</param>
    /// <param name="history">All that was appended by the steps before.</param>
    /// <param name="messages">Start and outcomes, in the order of their arrival.</param>
    /// <param name="now">The step's time, unless history or a fired timer is already later.</param>
    /// <param name="maxPayloadBytes">Of every input and output, in UTF-8.</param>
    /// <returns>What to append; nothing when no message was news.</returns>
    public static List<HistoryEvent> Step(
        Func<OrchestrationContext, string, Task<string>> code,
        string instanceId,
        IReadOnlyList<HistoryEvent> history,
        IReadOnlyList<HistoryEvent> messages,
        DateTimeOffset now,
        int maxPayloadBytes)
    {
        var execution = new ReplayExecution(code, instanceId, maxPayloadBytes);
        var step = new StepStarted(TimeOfStep(history, messages, now));
        List<HistoryEvent> appended = [step];
        try
        {
            foreach (var happened in history)
            {
                execution.Apply(happened);
            }

            execution.Apply(step);
            foreach (var message in messages.Where(execution.Accepts))
            {
                execution.Apply(message);
                appended.Add(message);
            }
        }
        catch (ReplayDivergedException exception)
        {
            return [step, new Failed(ErrorText.Of(exception))];
        }

        if (appended.Count == 1)
        {
            return [];
        }

        appended.AddRange(execution.Actions);
        if (execution.End() is { } end)
        {
            appended.Add(end);
        }

        return appended;
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
                _ => latest,
            };
        }

        return DateTimeOffset.FromUnixTimeMilliseconds(latest);
    }
}
