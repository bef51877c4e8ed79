using System.Text.Json.Serialization;
using Backend.Orchestrations;

namespace Functions.Tests.CrashHost;

[JsonSerializable(typeof(int))]
[JsonSerializable(typeof(Guid))]
internal sealed partial class JourneyJsonContext : JsonSerializerContext;

internal sealed class AddOne : IActivity<int, int>
{
    public static ActivityDefinition<int, int> Definition { get; } =
        new("AddOne", JourneyJsonContext.Default.Int32, JourneyJsonContext.Default.Int32);

    public async Task<int> RunAsync(int input, CancellationToken ct)
    {
        await Task.Delay(Random.Shared.Next(4), ct);
        return input + 1;
    }
}

/// <summary>Fails every other time.</summary>
internal sealed class Flip : IActivity<int, int>
{
    public static ActivityDefinition<int, int> Definition { get; } =
        new("Flip", JourneyJsonContext.Default.Int32, JourneyJsonContext.Default.Int32);

    public Task<int> RunAsync(int input, CancellationToken ct) =>
        Random.Shared.Next(2) == 0 ? throw new IOException("tails") : Task.FromResult(input);
}

internal sealed class Echo : IActivity<Guid, Guid>
{
    public static ActivityDefinition<Guid, Guid> Definition { get; } =
        new("Echo", JourneyJsonContext.Default.Guid, JourneyJsonContext.Default.Guid);

    public Task<Guid> RunAsync(Guid input, CancellationToken ct) => Task.FromResult(input);
}

/// <summary>One of everything, so that there is no kind of moment at which it cannot be killed.</summary>
internal sealed class Journey : IOrchestration<int, int>
{
    private static readonly RetryPolicy ManyTimes = new(50, TimeSpan.FromMilliseconds(1), BackoffCoefficient: 1);

    public static OrchestrationDefinition<int, int> Definition { get; } =
        new("Journey", JourneyJsonContext.Default.Int32, JourneyJsonContext.Default.Int32);

    /// <summary>Its input and 9.</summary>
    public async Task<int> RunAsync(OrchestrationContext context, int input)
    {
        for (var i = 0; i < 3; i++)
        {
            input = await context.CallActivityAsync(AddOne.Definition, input);
        }

        var id = context.NewGuid();
        var until = context.CurrentUtcTime.AddMilliseconds(20);
        var parallel = await Task.WhenAll(
            Enumerable.Range(0, 6).Select(_ => context.CallActivityAsync(AddOne.Definition, 0)));
        var same = await context.CallActivityAsync(Flip.Definition, input, ManyTimes);
        await context.CreateTimer(until);
        var echoed = await context.CallActivityAsync(Echo.Definition, id);
        return echoed == id && context.CurrentUtcTime >= until
            ? same + parallel.Sum()
            : throw new InvalidOperationException($"replayed with another id or time: {echoed}, {id}");
    }
}
