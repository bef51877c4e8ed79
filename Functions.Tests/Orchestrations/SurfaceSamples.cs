using Backend.Orchestrations;

namespace Functions.Tests.Orchestrations;

/// <summary>Waits for its event, at most for the milliseconds given, or for ever for none; "late" when none came.</summary>
internal sealed class Waiting : IOrchestration<int, string>
{
    public static EventDefinition<string> Event { get; } = new("Go", SamplesJsonContext.Default.String);

    public static OrchestrationDefinition<int, string> Definition { get; } =
        new("Waiting", SamplesJsonContext.Default.Int32, SamplesJsonContext.Default.String);

    public async Task<string> RunAsync(OrchestrationContext context, int input)
    {
        try
        {
            return await context.WaitForEventAsync(Event, input == 0 ? null : TimeSpan.FromMilliseconds(input));
        }
        catch (EventTimeoutException)
        {
            return "late";
        }
    }
}

/// <summary>
/// After an activity of as many milliseconds as the input says: one who soon gives up, then three who wait for the same
/// event, and what each of them gets.
/// </summary>
internal sealed class Queueing : IOrchestration<int, string>
{
    public static OrchestrationDefinition<int, string> Definition { get; } =
        new("Queueing", SamplesJsonContext.Default.Int32, SamplesJsonContext.Default.String);

    public async Task<string> RunAsync(OrchestrationContext context, int input)
    {
        await context.CallActivityAsync(Work.Definition, input);
        var hasty = WaitAsync(context, TimeSpan.FromMilliseconds(1));
        var patient = Enumerable.Range(0, 3).Select(_ => WaitAsync(context, TimeSpan.FromMinutes(5))).ToList();
        var first = await hasty;
        context.SetCustomStatus("waiting", SamplesJsonContext.Default.String);
        return $"{first} {string.Join(' ', await Task.WhenAll(patient))}";
    }

    private static async Task<string> WaitAsync(OrchestrationContext context, TimeSpan timeout)
    {
        try
        {
            return await context.WaitForEventAsync(Waiting.Event, timeout);
        }
        catch (EventTimeoutException)
        {
            return "late";
        }
    }
}

/// <summary>Has two chains done by others, one under an id of its own, and adds up.</summary>
internal sealed class Calling : IOrchestration<int, int>
{
    public static OrchestrationDefinition<int, int> Definition { get; } =
        new("Calling", SamplesJsonContext.Default.Int32, SamplesJsonContext.Default.Int32);

    public async Task<int> RunAsync(OrchestrationContext context, int input)
    {
        var results = await Task.WhenAll(
            context.CallSubOrchestrationAsync(Chain.Definition, input),
            context.CallSubOrchestrationAsync(Chain.Definition, input, $"{context.InstanceId}-child"));
        return results.Sum();
    }
}

/// <summary>Has the flaky work done by another, which is tried as often as it takes.</summary>
internal sealed class CallingAgain : IOrchestration<int, int>
{
    public static OrchestrationDefinition<int, int> Definition { get; } =
        new("CallingAgain", SamplesJsonContext.Default.Int32, SamplesJsonContext.Default.Int32);

    public Task<int> RunAsync(OrchestrationContext context, int input) =>
        context.CallSubOrchestrationAsync(
            Retrying.Definition, input, $"{context.InstanceId}-child", new RetryPolicy(2, TimeSpan.FromMilliseconds(5)));
}

/// <summary>Has another wait for the event, under an id of its own.</summary>
internal sealed class CallingWaiting : IOrchestration<int, string>
{
    public static OrchestrationDefinition<int, string> Definition { get; } =
        new("CallingWaiting", SamplesJsonContext.Default.Int32, SamplesJsonContext.Default.String);

    public Task<string> RunAsync(OrchestrationContext context, int input) =>
        context.CallSubOrchestrationAsync(Waiting.Definition, input, $"{context.InstanceId}-child");
}

/// <summary>Counts down by one each run, adding one by an activity; the sum after the last run.</summary>
internal sealed class CountDown : IOrchestration<CountDown.State, int>
{
    public static OrchestrationDefinition<State, int> Definition { get; } =
        new("CountDown", SamplesJsonContext.Default.State, SamplesJsonContext.Default.Int32);

    public async Task<int> RunAsync(OrchestrationContext context, State input)
    {
        var sum = await context.CallActivityAsync(AddOne.Definition, input.Sum);
        if (input.Left > 1)
        {
            // Never awaited: its result must not be taken for one of the next run.
            _ = context.CallActivityAsync(Work.Definition, 5);
            context.ContinueAsNew(new State(input.Left - 1, sum), SamplesJsonContext.Default.State);
        }

        return sum;
    }

    internal sealed record State(int Left, int Sum);
}

/// <summary>Takes one event each run, until it has three.</summary>
internal sealed class Collecting : IOrchestration<string[], string[]>
{
    public static OrchestrationDefinition<string[], string[]> Definition { get; } =
        new("Collecting", SamplesJsonContext.Default.StringArray, SamplesJsonContext.Default.StringArray);

    public async Task<string[]> RunAsync(OrchestrationContext context, string[] input)
    {
        string[] all = [.. input, await context.WaitForEventAsync(Waiting.Event)];
        if (all.Length < 3)
        {
            context.ContinueAsNew(all, SamplesJsonContext.Default.StringArray);
        }

        return all;
    }
}

/// <summary>Works for 1..n milliseconds, at most three at a time.</summary>
internal sealed class BoundedWork : IOrchestration<int, int>
{
    public static OrchestrationDefinition<int, int> Definition { get; } =
        new("BoundedWork", SamplesJsonContext.Default.Int32, SamplesJsonContext.Default.Int32);

    public async Task<int> RunAsync(OrchestrationContext context, int input) =>
        (await context.ForEachAsync(
            Enumerable.Range(1, input).ToList(), 3, i => context.CallActivityAsync(Work.Definition, i))).Count;
}

/// <summary>Gives an activity of a minute as many milliseconds as the input says.</summary>
internal sealed class Hurrying : IOrchestration<int, int>
{
    public static OrchestrationDefinition<int, int> Definition { get; } =
        new("Hurrying", SamplesJsonContext.Default.Int32, SamplesJsonContext.Default.Int32);

    public Task<int> RunAsync(OrchestrationContext context, int input) =>
        context.CallActivityAsync(Work.Definition, 60_000, timeout: TimeSpan.FromMilliseconds(input));
}

/// <summary>Tries the flaky activity again only for errors that it does not throw.</summary>
internal sealed class Choosy : IOrchestration<int, int>
{
    public static OrchestrationDefinition<int, int> Definition { get; } =
        new("Choosy", SamplesJsonContext.Default.Int32, SamplesJsonContext.Default.Int32);

    public Task<int> RunAsync(OrchestrationContext context, int input) =>
        context.CallActivityAsync(
            Flaky.Definition,
            input,
            new RetryPolicy(4, TimeSpan.FromMilliseconds(1)) { RetryOn = error => error.Is<TimeoutException>() });
}

/// <summary>Never ends, whatever its token says.</summary>
internal sealed class Deaf(ActivityLog log) : IActivity<int, int>
{
    public static ActivityDefinition<int, int> Definition { get; } =
        new("Deaf", SamplesJsonContext.Default.Int32, SamplesJsonContext.Default.Int32);

    public Task<int> RunAsync(int input, CancellationToken ct)
    {
        log.CountRun("Deaf");
        return new TaskCompletionSource<int>().Task;
    }
}

/// <summary>One activity that never ends.</summary>
internal sealed class Stuck : IOrchestration<int, int>
{
    public static OrchestrationDefinition<int, int> Definition { get; } =
        new("Stuck", SamplesJsonContext.Default.Int32, SamplesJsonContext.Default.Int32);

    public Task<int> RunAsync(OrchestrationContext context, int input) =>
        context.CallActivityAsync(Deaf.Definition, input);
}

/// <summary>Calls another activity each time that its code runs, which no orchestration may do.</summary>
internal sealed class Fickle : IOrchestration<int, int>
{
    private static int _runs;

    public static OrchestrationDefinition<int, int> Definition { get; } =
        new("Fickle", SamplesJsonContext.Default.Int32, SamplesJsonContext.Default.Int32);

    public async Task<int> RunAsync(OrchestrationContext context, int input)
    {
        var activity = Interlocked.Increment(ref _runs) % 2 == 0 ? AddOne.Definition : Flaky.Definition;
        return await context.CallActivityAsync(activity, input) + await context.CallActivityAsync(activity, input);
    }
}
