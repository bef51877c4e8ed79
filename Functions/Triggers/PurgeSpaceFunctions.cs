using Backend.Spaces;
using Functions.Orchestrations;
using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask;

namespace Functions.Triggers;

/// <summary><see cref="PurgeSpace"/> and its activities, each under the name of its definition.</summary>
internal sealed class PurgeSpaceFunctions(DurableHandlers handlers)
{
    [Function(nameof(PurgeSpace))]
    public Task<string> Purge([OrchestrationTrigger] TaskOrchestrationContext context) =>
        handlers.RunOrchestrationAsync(context);

    [Function(nameof(ClaimSpacePurge))]
    public Task<string> Claim([ActivityTrigger] string input, FunctionContext context) =>
        handlers.RunActivityAsync(context, input);

    [Function(nameof(DeleteSpaceRecords))]
    public Task<string> DeleteRecords([ActivityTrigger] string input, FunctionContext context) =>
        handlers.RunActivityAsync(context, input);
}
