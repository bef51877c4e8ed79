using Backend.Media;
using Functions.Orchestrations;
using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;

namespace Functions.Triggers;

/// <summary>What removes media, and their activities, each under the name of its definition.</summary>
internal sealed class MediaCleanUpFunctions(DurableHandlers handlers, DurableOrchestrator orchestrator)
{
    [Function(nameof(ExpireUpload))]
    public Task<string> Expire([OrchestrationTrigger] TaskOrchestrationContext context) =>
        handlers.RunOrchestrationAsync(context);

    [Function(nameof(RemoveUnusedSlot))]
    public Task<string> RemoveSlot(
        [ActivityTrigger] string input, FunctionContext context, [DurableClient] DurableTaskClient client)
    {
        orchestrator.Use(client); // an upload that nobody told of is processed
        return handlers.RunActivityAsync(context, input);
    }

    [Function(nameof(DeleteMedia))]
    public Task<string> Delete([OrchestrationTrigger] TaskOrchestrationContext context) =>
        handlers.RunOrchestrationAsync(context);

    [Function(nameof(DeleteMediaFiles))]
    public Task<string> DeleteFiles([ActivityTrigger] string input, FunctionContext context) =>
        handlers.RunActivityAsync(context, input);

    [Function(nameof(RemoveOldRenditions))]
    public Task<string> RemoveOld([OrchestrationTrigger] TaskOrchestrationContext context) =>
        handlers.RunOrchestrationAsync(context);

    [Function(nameof(DeleteOldRenditions))]
    public Task<string> DeleteOld([ActivityTrigger] string input, FunctionContext context) =>
        handlers.RunActivityAsync(context, input);
}
