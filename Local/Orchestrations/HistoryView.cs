using System.Text.Json;
using Backend.Orchestrations;
using static Local.Orchestrations.HistoryEvent;

namespace Local.Orchestrations;

/// <summary>A history as people are shown it.</summary>
internal static class HistoryView
{
    public static List<OrchestrationHistoryEvent> Of(List<HistoryEvent> history)
    {
        var view = new List<OrchestrationHistoryEvent>(history.Count);
        DateTimeOffset? at = null;
        foreach (var happened in history)
        {
            if (happened is StepStarted step)
            {
                at = step.At; // of what follows; not an event of its own to people
                continue;
            }

            var row = HistoryRow.From(happened);
            var isError = happened is ActivityFailed or SubOrchestrationFailed or Failed or Terminated;
            view.Add(new OrchestrationHistoryEvent(
                JsonNamingPolicy.CamelCase.ConvertName($"{row.Kind}"),
                happened is Terminated ? null : at,
                row.TaskId,
                row.Name,
                isError ? null : row.Payload,
                isError ? row.Payload : null));
        }

        return view;
    }
}
