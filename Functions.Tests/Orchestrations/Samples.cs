using System.Collections.Concurrent;
using System.Text.Json.Serialization;
using Backend.Orchestrations;
using Backend.Orchestrations.Checks;
using Microsoft.Extensions.DependencyInjection;

namespace Functions.Tests.Orchestrations;

[JsonSerializable(typeof(int))]
[JsonSerializable(typeof(string))]
[JsonSerializable(typeof(Guid))]
[JsonSerializable(typeof(DateTimeOffset[]))]
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

/// <summary>Works for 1..n milliseconds in parallel.</summary>
internal sealed class ParallelWork : IOrchestration<int, int>
{
    public static OrchestrationDefinition<int, int> Definition { get; } =
        new("ParallelWork", SamplesJsonContext.Default.Int32, SamplesJsonContext.Default.Int32);

    public async Task<int> RunAsync(OrchestrationContext context, int input) =>
        (await Task.WhenAll(
            Enumerable.Range(1, input).Select(i => context.CallActivityAsync(Work.Definition, i)))).Length;
}

/// <summary>Tries the flaky activity at most four times, with waits of 1, 2 and 4 hours.</summary>
internal sealed class PatientlyRetrying : IOrchestration<int, int>
{
    public static OrchestrationDefinition<int, int> Definition { get; } =
        new("PatientlyRetrying", SamplesJsonContext.Default.Int32, SamplesJsonContext.Default.Int32);

    public Task<int> RunAsync(OrchestrationContext context, int input) =>
        context.CallActivityAsync(Flaky.Definition, input, new RetryPolicy(4, TimeSpan.FromHours(1)));
}

/// <summary>One activity of as many milliseconds as the input says.</summary>
internal sealed class Working : IOrchestration<int, int>
{
    public static OrchestrationDefinition<int, int> Definition { get; } =
        new("Working", SamplesJsonContext.Default.Int32, SamplesJsonContext.Default.Int32);

    public Task<int> RunAsync(OrchestrationContext context, int input) =>
        context.CallActivityAsync(Work.Definition, input);
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

internal static class Samples
{
    public static IServiceCollection AddSamples(this IServiceCollection services) => services
        .AddSingleton<ActivityLog>()
        .AddOrchestrationChecks()
        .AddActivity<Flaky, int, int>()
        .AddActivity<Work, int, int>()
        .AddActivity<Deaf, int, int>()
        .AddOrchestration<ParallelWork, int, int>()
        .AddOrchestration<PatientlyRetrying, int, int>()
        .AddOrchestration<Working, int, int>()
        .AddOrchestration<Stuck, int, int>();
}
