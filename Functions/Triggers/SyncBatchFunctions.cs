using Backend.Sync.Batches;
using Functions.Orchestrations;
using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;

namespace Functions.Triggers;

/// <summary>What applies and removes batches of mutations, and their activities, each under the name of its definition.</summary>
internal sealed class SyncBatchFunctions(DurableHandlers handlers, DurableOrchestrator orchestrator)
{
    [Function(nameof(ApplySyncBatch))]
    public Task<string> Apply([OrchestrationTrigger] TaskOrchestrationContext context) =>
        handlers.RunOrchestrationAsync(context);

    [Function(nameof(InspectSyncBatch))]
    public Task<string> Inspect([ActivityTrigger] string input, FunctionContext context) =>
        handlers.RunActivityAsync(context, input);

    [Function(nameof(ApplySyncBatchChunk))]
    public Task<string> ApplyChunk(
        [ActivityTrigger] string input, FunctionContext context, [DurableClient] DurableTaskClient client)
    {
        orchestrator.Use(client); // hooks may start work
        return handlers.RunActivityAsync(context, input);
    }

    [Function(nameof(FinishSyncBatch))]
    public Task<string> Finish([ActivityTrigger] string input, FunctionContext context) =>
        handlers.RunActivityAsync(context, input);

    [Function(nameof(RemoveSyncBatch))]
    public Task<string> Remove([OrchestrationTrigger] TaskOrchestrationContext context) =>
        handlers.RunOrchestrationAsync(context);

    [Function(nameof(ClearSyncBatch))]
    public Task<string> Clear(
        [ActivityTrigger] string input, FunctionContext context, [DurableClient] DurableTaskClient client)
    {
        orchestrator.Use(client); // a file that nobody told of is applied
        return handlers.RunActivityAsync(context, input);
    }
}
