namespace Backend.Orchestrations.Checks;

/// <summary>Adds one, five times in a row.</summary>
internal sealed class CheckChain : IOrchestration<int, int>
{
    public static OrchestrationDefinition<int, int> Definition { get; } =
        new(nameof(CheckChain), CheckJsonContext.Default.Int32, CheckJsonContext.Default.Int32);

    public async Task<int> RunAsync(OrchestrationContext context, int input)
    {
        for (var i = 0; i < 5; i++)
        {
            input = await context.CallActivityAsync(CheckAddOne.Definition, input);
        }

        return input;
    }
}

/// <summary>Adds one to 1..n in parallel and sums up.</summary>
internal sealed class CheckFanOut : IOrchestration<int, int>
{
    public static OrchestrationDefinition<int, int> Definition { get; } =
        new(nameof(CheckFanOut), CheckJsonContext.Default.Int32, CheckJsonContext.Default.Int32);

    public async Task<int> RunAsync(OrchestrationContext context, int input)
    {
        var results = await Task.WhenAll(
            Enumerable.Range(1, input).Select(i => context.CallActivityAsync(CheckAddOne.Definition, i)));
        return results.Sum();
    }
}

/// <summary>Pauses for 1..n milliseconds, at most three at a time.</summary>
internal sealed class CheckBoundedFanOut : IOrchestration<int, int>
{
    public static OrchestrationDefinition<int, int> Definition { get; } =
        new(nameof(CheckBoundedFanOut), CheckJsonContext.Default.Int32, CheckJsonContext.Default.Int32);

    public async Task<int> RunAsync(OrchestrationContext context, int input) =>
        (await context.ForEachAsync(
            Enumerable.Range(1, input).ToList(), 3, i => context.CallActivityAsync(CheckPause.Definition, i))).Count;
}

/// <summary>Tries what fails at most four times, with waits of 5, 10 and 20 ms.</summary>
internal sealed class CheckRetries : IOrchestration<int, int>
{
    public static OrchestrationDefinition<int, int> Definition { get; } =
        new(nameof(CheckRetries), CheckJsonContext.Default.Int32, CheckJsonContext.Default.Int32);

    public Task<int> RunAsync(OrchestrationContext context, int input) => context.CallActivityAsync(
        CheckFlaky.Definition,
        new CheckFlakyInput(context.InstanceId, input),
        new RetryPolicy(4, TimeSpan.FromMilliseconds(5)));
}

/// <summary>Tries again only for errors that never come.</summary>
internal sealed class CheckChoosyRetries : IOrchestration<int, int>
{
    public static OrchestrationDefinition<int, int> Definition { get; } =
        new(nameof(CheckChoosyRetries), CheckJsonContext.Default.Int32, CheckJsonContext.Default.Int32);

    public Task<int> RunAsync(OrchestrationContext context, int input) => context.CallActivityAsync(
        CheckFlaky.Definition,
        new CheckFlakyInput(context.InstanceId, input),
        new RetryPolicy(4, TimeSpan.FromMilliseconds(1)) { RetryOn = error => error.Is<TimeoutException>() });
}

/// <summary>Gives an activity of a minute as many milliseconds as the input says.</summary>
internal sealed class CheckTimeout : IOrchestration<int, int>
{
    public static OrchestrationDefinition<int, int> Definition { get; } =
        new(nameof(CheckTimeout), CheckJsonContext.Default.Int32, CheckJsonContext.Default.Int32);

    public Task<int> RunAsync(OrchestrationContext context, int input) => context.CallActivityAsync(
        CheckPause.Definition, 60_000, timeout: TimeSpan.FromMilliseconds(input));
}

/// <summary>Waits for the milliseconds given; tells when it began, when it was due, and when it went on.</summary>
internal sealed class CheckTimer : IOrchestration<int, DateTimeOffset[]>
{
    public static OrchestrationDefinition<int, DateTimeOffset[]> Definition { get; } =
        new(nameof(CheckTimer), CheckJsonContext.Default.Int32, CheckJsonContext.Default.DateTimeOffsetArray);

    public async Task<DateTimeOffset[]> RunAsync(OrchestrationContext context, int input)
    {
        var start = context.CurrentUtcTime;
        var due = start.AddMilliseconds(input);
        await context.CreateTimer(due);
        return [start, due, context.CurrentUtcTime];
    }
}

/// <summary>Passes on a string of the length asked for.</summary>
internal sealed class CheckOutput : IOrchestration<int, string>
{
    public static OrchestrationDefinition<int, string> Definition { get; } =
        new(nameof(CheckOutput), CheckJsonContext.Default.Int32, CheckJsonContext.Default.String);

    public Task<string> RunAsync(OrchestrationContext context, int input) =>
        context.CallActivityAsync(CheckRepeat.Definition, input);
}

/// <summary>How long the string is that it is given.</summary>
internal sealed class CheckInput : IOrchestration<string, int>
{
    public static OrchestrationDefinition<string, int> Definition { get; } =
        new(nameof(CheckInput), CheckJsonContext.Default.String, CheckJsonContext.Default.Int32);

    public Task<int> RunAsync(OrchestrationContext context, string input) => Task.FromResult(input.Length);
}
