namespace Backend.Orchestrations.Checks;

/// <summary>Waits for its event, at most for the milliseconds given, or for ever for none; "late" when none came.</summary>
internal sealed class CheckEvent : IOrchestration<int, string>
{
    public static EventDefinition<string> Event { get; } = new("Go", CheckJsonContext.Default.String);

    public static OrchestrationDefinition<int, string> Definition { get; } =
        new(nameof(CheckEvent), CheckJsonContext.Default.Int32, CheckJsonContext.Default.String);

    public Task<string> RunAsync(OrchestrationContext context, int input) =>
        WaitAsync(context, input == 0 ? null : TimeSpan.FromMilliseconds(input));

    internal static async Task<string> WaitAsync(OrchestrationContext context, TimeSpan? timeout)
    {
        try
        {
            return await context.WaitForEventAsync(Event, timeout);
        }
        catch (EventTimeoutException)
        {
            return "late";
        }
    }
}

/// <summary>
/// After a pause of as many milliseconds as the input says: one who soon gives up, then three who wait for the same
/// event, and what each of them gets.
/// </summary>
internal sealed class CheckEventQueue : IOrchestration<int, string>
{
    public static OrchestrationDefinition<int, string> Definition { get; } =
        new(nameof(CheckEventQueue), CheckJsonContext.Default.Int32, CheckJsonContext.Default.String);

    public async Task<string> RunAsync(OrchestrationContext context, int input)
    {
        await context.CallActivityAsync(CheckPause.Definition, input);
        var hasty = CheckEvent.WaitAsync(context, TimeSpan.FromMilliseconds(1));
        var patient = Enumerable.Range(0, 3)
            .Select(_ => CheckEvent.WaitAsync(context, TimeSpan.FromMinutes(5))).ToList();
        var first = await hasty;
        context.SetCustomStatus("waiting", CheckJsonContext.Default.String);
        return $"{first} {string.Join(' ', await Task.WhenAll(patient))}";
    }
}

/// <summary>Takes one event each run, until it has three.</summary>
internal sealed class CheckEventRuns : IOrchestration<string[], string[]>
{
    public static OrchestrationDefinition<string[], string[]> Definition { get; } =
        new(nameof(CheckEventRuns), CheckJsonContext.Default.StringArray, CheckJsonContext.Default.StringArray);

    public async Task<string[]> RunAsync(OrchestrationContext context, string[] input)
    {
        string[] all = [.. input, await context.WaitForEventAsync(CheckEvent.Event)];
        if (all.Length < 3)
        {
            context.ContinueAsNew(all, CheckJsonContext.Default.StringArray);
        }

        return all;
    }
}
