using Backend.Media;
using Functions.Orchestrations;
using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;

namespace Functions.Triggers;

/// <summary>
/// <see cref="ProcessImage"/> and its activities. One function for each, so that the portal counts, times and traces
/// each under its name; the host calls them by the names of their definitions.
/// </summary>
internal sealed class ProcessImageFunctions(DurableHandlers handlers, DurableOrchestrator orchestrator)
{
    [Function(nameof(ProcessImage))]
    public Task<string> Process([OrchestrationTrigger] TaskOrchestrationContext context) =>
        handlers.RunOrchestrationAsync(context);

    [Function(nameof(InspectUpload))]
    public Task<string> Inspect([ActivityTrigger] string input, FunctionContext context) =>
        handlers.RunActivityAsync(context, input);

    [Function(nameof(ModerateImage))]
    public Task<string> Moderate([ActivityTrigger] string input, FunctionContext context) =>
        handlers.RunActivityAsync(context, input);

    [Function(nameof(RenderPresets))]
    public Task<string> Render([ActivityTrigger] string input, FunctionContext context) =>
        handlers.RunActivityAsync(context, input);

    [Function(nameof(DescribeImage))]
    public Task<string> Describe([ActivityTrigger] string input, FunctionContext context) =>
        handlers.RunActivityAsync(context, input);

    [Function(nameof(SaveImage))]
    public Task<string> Save(
        [ActivityTrigger] string input, FunctionContext context, [DurableClient] DurableTaskClient client)
    {
        orchestrator.Use(client); // starts what removes earlier renditions
        return handlers.RunActivityAsync(context, input);
    }
}
