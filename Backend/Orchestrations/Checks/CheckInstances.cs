namespace Backend.Orchestrations.Checks;

/// <summary>Has two chains done by others, one under an id of its own, and adds up.</summary>
internal sealed class CheckCalls : IOrchestration<int, int>
{
    public static OrchestrationDefinition<int, int> Definition { get; } =
        new(nameof(CheckCalls), CheckJsonContext.Default.Int32, CheckJsonContext.Default.Int32);

    public async Task<int> RunAsync(OrchestrationContext context, int input)
    {
        var results = await Task.WhenAll(
            context.CallSubOrchestrationAsync(CheckChain.Definition, input),
            context.CallSubOrchestrationAsync(CheckChain.Definition, input, $"{context.InstanceId}-child"));
        return results.Sum();
    }
}

/// <summary>Has what fails done by another, which is called twice.</summary>
internal sealed class CheckCallRetries : IOrchestration<int, int>
{
    public static OrchestrationDefinition<int, int> Definition { get; } =
        new(nameof(CheckCallRetries), CheckJsonContext.Default.Int32, CheckJsonContext.Default.Int32);

    public Task<int> RunAsync(OrchestrationContext context, int input) =>
        context.CallSubOrchestrationAsync(
            CheckRetries.Definition, input, $"{context.InstanceId}-child", new RetryPolicy(2, TimeSpan.FromMilliseconds(5)));
}

/// <summary>Has another wait for the event, under an id of its own.</summary>
internal sealed class CheckCallOfEvent : IOrchestration<int, string>
{
    public static OrchestrationDefinition<int, string> Definition { get; } =
        new(nameof(CheckCallOfEvent), CheckJsonContext.Default.Int32, CheckJsonContext.Default.String);

    public Task<string> RunAsync(OrchestrationContext context, int input) =>
        context.CallSubOrchestrationAsync(CheckEvent.Definition, input, $"{context.InstanceId}-child");
}

/// <summary>Counts down by one each run, adding one by an activity; the sum after the last run.</summary>
internal sealed class CheckCountDown : IOrchestration<CheckCountDown.State, int>
{
    public static OrchestrationDefinition<State, int> Definition { get; } =
        new(nameof(CheckCountDown), CheckJsonContext.Default.State, CheckJsonContext.Default.Int32);

    public async Task<int> RunAsync(OrchestrationContext context, State input)
    {
        var sum = await context.CallActivityAsync(CheckAddOne.Definition, input.Sum);
        if (input.Left > 1)
        {
            // Never awaited: its result must not be taken for one of the next run.
            _ = context.CallActivityAsync(CheckPause.Definition, 5);
            context.ContinueAsNew(new State(input.Left - 1, sum), CheckJsonContext.Default.State);
        }

        return sum;
    }

    internal sealed record State(int Left, int Sum);
}

/// <summary>Calls another activity each time that its code runs, which no orchestration may do.</summary>
internal sealed class CheckDivergence : IOrchestration<int, int>
{
    private static int _runs;

    public static OrchestrationDefinition<int, int> Definition { get; } =
        new(nameof(CheckDivergence), CheckJsonContext.Default.Int32, CheckJsonContext.Default.Int32);

    public async Task<int> RunAsync(OrchestrationContext context, int input)
    {
        var activity = Interlocked.Increment(ref _runs) % 2 == 0 ? CheckAddOne.Definition : CheckPause.Definition;
        return await context.CallActivityAsync(activity, input) + await context.CallActivityAsync(activity, input);
    }
}
