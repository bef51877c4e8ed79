using System.Text.Json.Serialization;
using Backend.Orchestrations;

namespace Functions.Tests.CrashHost;

[JsonSerializable(typeof(int))]
[JsonSerializable(typeof(string))]
[JsonSerializable(typeof(Guid))]
[JsonSerializable(typeof(DateTimeOffset))]
[JsonSerializable(typeof(Bell))]
[JsonSerializable(typeof(Lap))]
internal sealed partial class LoadJsonContext : JsonSerializerContext;

internal sealed class AddOne : IActivity<int, int>
{
    public static ActivityDefinition<int, int> Definition { get; } =
        new("AddOne", LoadJsonContext.Default.Int32, LoadJsonContext.Default.Int32);

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
        new("Flip", LoadJsonContext.Default.Int32, LoadJsonContext.Default.Int32);

    public Task<int> RunAsync(int input, CancellationToken ct) =>
        Random.Shared.Next(2) == 0 ? throw new IOException("tails") : Task.FromResult(input);
}

internal sealed class Echo : IActivity<Guid, Guid>
{
    public static ActivityDefinition<Guid, Guid> Definition { get; } =
        new("Echo", LoadJsonContext.Default.Guid, LoadJsonContext.Default.Guid);

    public Task<Guid> RunAsync(Guid input, CancellationToken ct) => Task.FromResult(input);
}

/// <summary>The time as it is outside of all histories.</summary>
internal sealed class ReadClock(TimeProvider time) : IActivity<int, DateTimeOffset>
{
    public static ActivityDefinition<int, DateTimeOffset> Definition { get; } =
        new("ReadClock", LoadJsonContext.Default.Int32, LoadJsonContext.Default.DateTimeOffset);

    public Task<DateTimeOffset> RunAsync(int input, CancellationToken ct) => Task.FromResult(time.GetUtcNow());
}

internal sealed record Bell(string InstanceId, int Number);

/// <summary>Raises an event; again whenever it is run again, as activities are.</summary>
internal sealed class Ring(IOrchestrator orchestrator) : IActivity<Bell, int>
{
    public static EventDefinition<int> Event { get; } = new("Bell", LoadJsonContext.Default.Int32);

    public static ActivityDefinition<Bell, int> Definition { get; } =
        new("Ring", LoadJsonContext.Default.Bell, LoadJsonContext.Default.Int32);

    public async Task<int> RunAsync(Bell input, CancellationToken ct)
    {
        await orchestrator.RaiseEventAsync(input.InstanceId, Event, input.Number, ct);
        return input.Number;
    }
}
