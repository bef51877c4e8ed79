using System.Text.Json;
using Backend.Orchestrations;
using DurableTask.Core.History;
using Microsoft.DurableTask.Client;
using EndedAs = DurableTask.Core.OrchestrationStatus;

namespace Functions.Orchestrations;

/// <summary>Instances and histories of Durable Functions in the product's words.</summary>
internal static class DurableViews
{
    public static OrchestrationInstance Of(OrchestrationMetadata found)
    {
        var state = StateOf(found.RuntimeStatus);
        var status = StatusOf(found);
        return new OrchestrationInstance(
            found.InstanceId,
            found.Name,
            state,
            found.CreatedAt,
            found.LastUpdatedAt,
            state is OrchestrationState.Completed ? found.ReadOutputAs<string>() : null,
            state switch
            {
                OrchestrationState.Failed => ErrorOf(found, status),
                OrchestrationState.Terminated => Text(found.SerializedOutput),
                _ => null,
            },
            status.Custom);
    }

    public static DurableStatus StatusOf(OrchestrationMetadata found) =>
        found.SerializedCustomStatus is { } text && text.StartsWith('"') && found.ReadCustomStatusAs<string>() is { } json
            ? DurableStatus.Parse(json)
            : new DurableStatus();

    public static IEnumerable<OrchestrationRuntimeStatus> StatusesOf(OrchestrationState state) => state switch
    {
        OrchestrationState.Pending => [OrchestrationRuntimeStatus.Pending],
        OrchestrationState.Running => [OrchestrationRuntimeStatus.Running, OrchestrationRuntimeStatus.Suspended],
        OrchestrationState.Completed => [OrchestrationRuntimeStatus.Completed],
        OrchestrationState.Failed => [OrchestrationRuntimeStatus.Failed],
        _ => [OrchestrationRuntimeStatus.Terminated],
    };

    public static List<OrchestrationHistoryEvent> Of(IEnumerable<HistoryEvent> history) =>
    [
        .. from happened in history
           let view = Of(happened)
           where view is not null
           select view,
    ];

    private static OrchestrationHistoryEvent? Of(HistoryEvent happened) => happened switch
    {
        ExecutionStartedEvent e => View(e, "started", null, e.Name, Payload(e.Input)),
        TaskScheduledEvent e => View(e, "activityScheduled", e.EventId, e.Name, ActivityInput(e.Input)),
        TaskCompletedEvent e => Outcome(e, e.TaskScheduledId, ActivityOutcome.Parse(Text(e.Result) ?? "{}")),
        TaskFailedEvent e => View(e, "activityFailed", e.TaskScheduledId, null, null, e.FailureDetails?.ErrorMessage),
        TimerCreatedEvent e => View(e, "timerCreated", e.EventId),
        TimerFiredEvent e => View(e, "timerFired", e.TimerId),
        SubOrchestrationInstanceCreatedEvent e => View(e, "subOrchestrationCreated", e.EventId, e.Name, Payload(e.Input)),
        SubOrchestrationInstanceCompletedEvent e =>
            View(e, "subOrchestrationCompleted", e.TaskScheduledId, null, Payload(e.Result)),
        SubOrchestrationInstanceFailedEvent e =>
            View(e, "subOrchestrationFailed", e.TaskScheduledId, null, null, e.FailureDetails?.ErrorMessage),
        EventRaisedEvent e => View(e, "eventRaised", null, e.Name, Payload(e.Input)),
        ExecutionCompletedEvent { FailureDetails: { } failure } e =>
            View(e, "failed", null, null, null, failure.ErrorMessage),
        ExecutionTerminatedEvent e => View(e, "terminated", null, null, null, Text(e.Input)),
        ExecutionCompletedEvent { OrchestrationStatus: EndedAs.Terminated } => null, // as the event before it says
        ExecutionCompletedEvent e => View(e, "completed", null, null, Payload(e.Result)),
        _ => null, // steps of the host's own
    };

    private static OrchestrationHistoryEvent Outcome(HistoryEvent happened, int taskId, ActivityOutcome outcome) =>
        View(
            happened, outcome.Error is null ? "activityCompleted" : "activityFailed", taskId, null, outcome.Output,
            outcome.Error);

    private static OrchestrationHistoryEvent View(
        HistoryEvent happened, string kind, int? taskId = null, string? name = null, string? payload = null, string? error = null) =>
        new(kind, new DateTimeOffset(DateTime.SpecifyKind(happened.Timestamp, DateTimeKind.Utc)), taskId, name, payload, error);

    private static string? ActivityInput(string? input) => Text(input) is { } call ? ActivityCall.Parse(call).Input : null;

    /// <summary>Payloads are JSON; what an operator has sent past the product need not be.</summary>
    private static string? Payload(string? json) =>
        Text(json) is { } text && TryParse(text) is null ? JsonSerializer.Serialize(text, DurableJsonContext.Default.String) : Text(json);

    /// <summary>
    /// The adapter's payloads are JSON inside of strings, which Durable writes as JSON once more. Reasons of terminations are not JSON to
    /// every version of the host's extension.
    /// </summary>
    private static string? Text(string? json)
    {
        if (json is null || TryParse(json) is not { } root)
        {
            return json;
        }

        return (root.ValueKind is JsonValueKind.Array && root.GetArrayLength() == 1 ? root[0] : root) is
            { ValueKind: JsonValueKind.String } text ? text.GetString() : json;
    }

    private static JsonElement? TryParse(string text)
    {
        try
        {
            return JsonElement.Parse(text);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static OrchestrationState StateOf(OrchestrationRuntimeStatus status) => status switch
    {
        OrchestrationRuntimeStatus.Pending => OrchestrationState.Pending,
        OrchestrationRuntimeStatus.Completed => OrchestrationState.Completed,
        OrchestrationRuntimeStatus.Failed => OrchestrationState.Failed,
        OrchestrationRuntimeStatus.Terminated => OrchestrationState.Terminated,
        _ => OrchestrationState.Running, // suspended ones too: they go on when an operator lets them
    };

    /// <summary>
    /// What <see cref="DurableHandlers"/> noted; without a note it was not the orchestration's code that failed.
    /// </summary>
    private static string ErrorOf(OrchestrationMetadata instance, DurableStatus status) =>
        status.Error
        ?? (instance.FailureDetails is { } failure ? DurablePayload.ErrorOf(failure) : $"{instance.RuntimeStatus}");
}
