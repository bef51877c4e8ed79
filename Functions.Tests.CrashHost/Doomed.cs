using Backend.Orchestrations;

namespace Functions.Tests.CrashHost;

/// <summary>Calls two others and waits for them, for ever: it only ever ends by being terminated, and they with it.</summary>
internal sealed class Doomed : IOrchestration<int, int>
{
    public static OrchestrationDefinition<int, int> Definition { get; } =
        new("Doomed", LoadJsonContext.Default.Int32, LoadJsonContext.Default.Int32);

    public async Task<int> RunAsync(OrchestrationContext context, int input)
    {
        await context.CallActivityAsync(AddOne.Definition, input);
        var results = await Task.WhenAll(
            context.CallSubOrchestrationAsync(Sleep.Definition, input),
            context.CallSubOrchestrationAsync(Sleep.Definition, input, $"{context.InstanceId}-sleep"));
        return results.Sum();
    }
}

/// <summary>Waits for what never comes.</summary>
internal sealed class Sleep : IOrchestration<int, int>
{
    public static OrchestrationDefinition<int, int> Definition { get; } =
        new("Sleep", LoadJsonContext.Default.Int32, LoadJsonContext.Default.Int32);

    public Task<int> RunAsync(OrchestrationContext context, int input) =>
        context.WaitForEventAsync(new EventDefinition<int>("Never", LoadJsonContext.Default.Int32), TimeSpan.FromDays(1));
}
