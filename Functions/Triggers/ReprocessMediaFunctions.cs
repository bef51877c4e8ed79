using Backend.Media;
using Functions.Orchestrations;
using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask;

namespace Functions.Triggers;

/// <summary><see cref="ReprocessMedia"/> and its activities, each under the name of its definition.</summary>
internal sealed class ReprocessMediaFunctions(DurableHandlers handlers)
{
    [Function(nameof(ReprocessMedia))]
    public Task<string> Reprocess([OrchestrationTrigger] TaskOrchestrationContext context) =>
        handlers.RunOrchestrationAsync(context);

    [Function(nameof(CountUploads))]
    public Task<string> Count([ActivityTrigger] string input, FunctionContext context) =>
        handlers.RunActivityAsync(context, input);

    [Function(nameof(ListUploads))]
    public Task<string> List([ActivityTrigger] string input, FunctionContext context) =>
        handlers.RunActivityAsync(context, input);
}
