using System.Diagnostics.CodeAnalysis;
using Backend.Azure.Records;
using Backend.Changes;
using Functions.Orchestrations;
using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;

namespace Functions.Triggers;

/// <summary>Delivers changes of records to their handlers, from the container's change feed.</summary>
[SuppressMessage("Style", "IDE0060", Justification = "A parameter declares a binding, whether or not it is read.")]
internal sealed class ChangeFunctions(DispatchChanges dispatch, DurableHandlers handlers, DurableOrchestrator orchestrator)
{
    /// <summary>
    /// What one handler cannot take waits elsewhere (<see cref="DeliverWaitingChanges"/>), so this throws only when the store
    /// or the engine is away. Without the retries, the host would leave the batch behind then.
    /// </summary>
    /// <param name="documents">As JSON: the product reads each record itself, as the store knows how to.</param>
    /// <param name="client">For what the changes start.</param>
    /// <param name="ct">Cancelled when the host stops.</param>
    [Function("RecordsChanged")]
    [ExponentialBackoffRetry(-1, "00:00:05", "00:05:00")]
    public Task RecordsChanged(
        [CosmosDBTrigger(
            "%ChangeFeedDatabase%", "%ChangeFeedContainer%", Connection = CosmosOptions.Section, LeaseContainerName = "leases",
            MaxItemsPerInvocation = 100)]
        string documents,
        [DurableClient] DurableTaskClient client,
        CancellationToken ct)
    {
        orchestrator.Use(client);
        return dispatch.ExecuteAsync(CosmosChangeFeed.ReadDocuments(documents), ct);
    }

    [Function(nameof(DeliverWaitingChanges))]
    public Task<string> Deliver([OrchestrationTrigger] TaskOrchestrationContext context) =>
        handlers.RunOrchestrationAsync(context);

    /// <param name="input">The activity's input.</param>
    /// <param name="context">The invocation.</param>
    /// <param name="client">For what the handlers start.</param>
    [Function(nameof(DeliverWaiting))]
    public Task<string> DeliverSome(
        [ActivityTrigger] string input, FunctionContext context, [DurableClient] DurableTaskClient client)
    {
        orchestrator.Use(client);
        return handlers.RunActivityAsync(context, input);
    }
}
