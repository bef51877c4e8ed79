using System.Collections.Concurrent;
using System.Text.Json.Serialization;
using Backend.Orchestrations;
using Microsoft.Extensions.DependencyInjection;

namespace Functions.Tests.Orchestrations;

[JsonSerializable(typeof(int))]
[JsonSerializable(typeof(string))]
[JsonSerializable(typeof(Guid))]
[JsonSerializable(typeof(DateTimeOffset[]))]
[JsonSerializable(typeof(string[]))]
[JsonSerializable(typeof(CountDown.State))]
internal sealed partial class SamplesJsonContext : JsonSerializerContext;

/// <summary>What the activities of one test have been doing.</summary>
internal sealed class ActivityLog
{
    private int _running;
    private int _mostRunning;

    public ConcurrentDictionary<string, int> Runs { get; } = new();

    public int MostRunning => _mostRunning;

    public int CountRun(string key) => Runs.AddOrUpdate(key, 1, static (_, runs) => runs + 1);

    public async Task<T> TrackAsync<T>(Func<Task<T>> work)
    {
        var now = Interlocked.Increment(ref _running);
        InterlockedMax(ref _mostRunning, now);
        try
        {
            return await work();
        }
        finally
        {
            Interlocked.Decrement(ref _running);
        }
    }

    private static void InterlockedMax(ref int target, int value)
    {
        for (var seen = target; value > seen; seen = target)
        {
            Interlocked.CompareExchange(ref target, value, seen);
        }
    }
}

internal sealed class AddOne : IActivity<int, int>
{
    public static ActivityDefinition<int, int> Definition { get; } =
        new("AddOne", SamplesJsonContext.Default.Int32, SamplesJsonContext.Default.Int32);

    public Task<int> RunAsync(int input, CancellationToken ct) => Task.FromResult(input + 1);
}

/// <summary>Fails until it was run as often as its input says.</summary>
internal sealed class Flaky(ActivityLog log) : IActivity<int, int>
{
    public static ActivityDefinition<int, int> Definition { get; } =
        new("Flaky", SamplesJsonContext.Default.Int32, SamplesJsonContext.Default.Int32);

    public Task<int> RunAsync(int input, CancellationToken ct)
    {
        var run = log.CountRun($"Flaky {input}");
        return run >= input ? Task.FromResult(run) : throw new IOException($"run {run} of {input}");
    }
}

/// <summary>Takes as many milliseconds as its input says, or until it is cancelled.</summary>
internal sealed class Work(ActivityLog log) : IActivity<int, int>
{
    public static ActivityDefinition<int, int> Definition { get; } =
        new("Work", SamplesJsonContext.Default.Int32, SamplesJsonContext.Default.Int32);

    public async Task<int> RunAsync(int input, CancellationToken ct)
    {
        var run = log.CountRun($"Work {input}");
        return await log.TrackAsync(async () =>
        {
            await Task.Delay(input, ct);
            return run;
        });
    }
}

/// <summary>A string of the length asked for.</summary>
internal sealed class Repeat : IActivity<int, string>
{
    public static ActivityDefinition<int, string> Definition { get; } =
        new("Repeat", SamplesJsonContext.Default.Int32, SamplesJsonContext.Default.String);

    public Task<string> RunAsync(int input, CancellationToken ct) => Task.FromResult(new string('x', input));
}

/// <summary>Adds one, five times in a row.</summary>
internal sealed class Chain : IOrchestration<int, int>
{
    public static OrchestrationDefinition<int, int> Definition { get; } =
        new("Chain", SamplesJsonContext.Default.Int32, SamplesJsonContext.Default.Int32);

    public async Task<int> RunAsync(OrchestrationContext context, int input)
    {
        for (var i = 0; i < 5; i++)
        {
            input = await context.CallActivityAsync(AddOne.Definition, input);
        }

        return input;
    }
}

/// <summary>Adds one to 1..n in parallel and sums up.</summary>
internal sealed class FanOut : IOrchestration<int, int>
{
    public static OrchestrationDefinition<int, int> Definition { get; } =
        new("FanOut", SamplesJsonContext.Default.Int32, SamplesJsonContext.Default.Int32);

    public async Task<int> RunAsync(OrchestrationContext context, int input)
    {
        var results = await Task.WhenAll(
            Enumerable.Range(1, input).Select(i => context.CallActivityAsync(AddOne.Definition, i)));
        return results.Sum();
    }
}

/// <summary>Works for 1..n milliseconds in parallel.</summary>
internal sealed class ParallelWork : IOrchestration<int, int>
{
    public static OrchestrationDefinition<int, int> Definition { get; } =
        new("ParallelWork", SamplesJsonContext.Default.Int32, SamplesJsonContext.Default.Int32);

    public async Task<int> RunAsync(OrchestrationContext context, int input) =>
        (await Task.WhenAll(
            Enumerable.Range(1, input).Select(i => context.CallActivityAsync(Work.Definition, i)))).Length;
}

/// <summary>Tries the flaky activity at most four times, with waits of 5, 10 and 20 ms.</summary>
internal sealed class Retrying : IOrchestration<int, int>
{
    public static RetryPolicy Policy { get; } = new(4, TimeSpan.FromMilliseconds(5));

    public static OrchestrationDefinition<int, int> Definition { get; } =
        new("Retrying", SamplesJsonContext.Default.Int32, SamplesJsonContext.Default.Int32);

    public Task<int> RunAsync(OrchestrationContext context, int input) =>
        context.CallActivityAsync(Flaky.Definition, input, Policy);
}

/// <summary>Like <see cref="Retrying"/>, with waits of 1, 2 and 4 hours.</summary>
internal sealed class PatientlyRetrying : IOrchestration<int, int>
{
    public static OrchestrationDefinition<int, int> Definition { get; } =
        new("PatientlyRetrying", SamplesJsonContext.Default.Int32, SamplesJsonContext.Default.Int32);

    public Task<int> RunAsync(OrchestrationContext context, int input) =>
        context.CallActivityAsync(Flaky.Definition, input, new RetryPolicy(4, TimeSpan.FromHours(1)));
}

/// <summary>Sleeps for the milliseconds given; tells when it lay down, its alarm, and when it rose.</summary>
internal sealed class Nap : IOrchestration<int, DateTimeOffset[]>
{
    public static OrchestrationDefinition<int, DateTimeOffset[]> Definition { get; } =
        new("Nap", SamplesJsonContext.Default.Int32, SamplesJsonContext.Default.DateTimeOffsetArray);

    public async Task<DateTimeOffset[]> RunAsync(OrchestrationContext context, int input)
    {
        var start = context.CurrentUtcTime;
        var alarm = start.AddMilliseconds(input);
        await context.CreateTimer(alarm);
        return [start, alarm, context.CurrentUtcTime];
    }
}

/// <summary>Passes on a string of the length asked for.</summary>
internal sealed class Repeating : IOrchestration<int, string>
{
    public static OrchestrationDefinition<int, string> Definition { get; } =
        new("Repeating", SamplesJsonContext.Default.Int32, SamplesJsonContext.Default.String);

    public Task<string> RunAsync(OrchestrationContext context, int input) =>
        context.CallActivityAsync(Repeat.Definition, input);
}

/// <summary>How long the string is that it is given.</summary>
internal sealed class Measuring : IOrchestration<string, int>
{
    public static OrchestrationDefinition<string, int> Definition { get; } =
        new("Measuring", SamplesJsonContext.Default.String, SamplesJsonContext.Default.Int32);

    public Task<int> RunAsync(OrchestrationContext context, string input) => Task.FromResult(input.Length);
}

/// <summary>One activity of as many milliseconds as the input says.</summary>
internal sealed class Working : IOrchestration<int, int>
{
    public static OrchestrationDefinition<int, int> Definition { get; } =
        new("Working", SamplesJsonContext.Default.Int32, SamplesJsonContext.Default.Int32);

    public Task<int> RunAsync(OrchestrationContext context, int input) =>
        context.CallActivityAsync(Work.Definition, input);
}

internal static class Samples
{
    public static IServiceCollection AddSamples(this IServiceCollection services) => services
        .AddSingleton<ActivityLog>()
        .AddActivity<AddOne, int, int>()
        .AddActivity<Flaky, int, int>()
        .AddActivity<Work, int, int>()
        .AddActivity<Repeat, int, string>()
        .AddActivity<Deaf, int, int>()
        .AddOrchestration<Chain, int, int>()
        .AddOrchestration<FanOut, int, int>()
        .AddOrchestration<ParallelWork, int, int>()
        .AddOrchestration<Retrying, int, int>()
        .AddOrchestration<PatientlyRetrying, int, int>()
        .AddOrchestration<Nap, int, DateTimeOffset[]>()
        .AddOrchestration<Repeating, int, string>()
        .AddOrchestration<Measuring, string, int>()
        .AddOrchestration<Working, int, int>()
        .AddOrchestration<Waiting, int, string>()
        .AddOrchestration<Queueing, int, string>()
        .AddOrchestration<Calling, int, int>()
        .AddOrchestration<CallingAgain, int, int>()
        .AddOrchestration<CallingWaiting, int, string>()
        .AddOrchestration<CountDown, CountDown.State, int>()
        .AddOrchestration<Collecting, string[], string[]>()
        .AddOrchestration<BoundedWork, int, int>()
        .AddOrchestration<Hurrying, int, int>()
        .AddOrchestration<Choosy, int, int>()
        .AddOrchestration<Stuck, int, int>()
        .AddOrchestration<Fickle, int, int>();
}
