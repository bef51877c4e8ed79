using Backend.Orchestrations;

namespace Functions.Tests.CrashHost;

/// <summary>A chain, a fan-out, retries and a timer: its input and 9.</summary>
internal sealed class Journey : IOrchestration<int, int>
{
    private static readonly RetryPolicy ManyTimes = new(50, TimeSpan.FromMilliseconds(1), BackoffCoefficient: 1);

    public static OrchestrationDefinition<int, int> Definition { get; } =
        new("Journey", LoadJsonContext.Default.Int32, LoadJsonContext.Default.Int32);

    public async Task<int> RunAsync(OrchestrationContext context, int input)
    {
        for (var i = 0; i < 3; i++)
        {
            input = await context.CallActivityAsync(AddOne.Definition, input);
        }

        var id = context.NewGuid();
        var until = context.CurrentUtcTime.AddMilliseconds(250);
        var parallel = await context.ForEachAsync(
            Enumerable.Repeat(0, 6).ToList(), 4, zero => context.CallActivityAsync(AddOne.Definition, zero));
        var same = await context.CallActivityAsync(Flip.Definition, input, ManyTimes);
        await context.CreateTimer(until);
        var clock = await context.CallActivityAsync(ReadClock.Definition, 0);
        var echoed = await context.CallActivityAsync(Echo.Definition, id);
        await context.CallActivityAsync(Stamp.Definition, context.InstanceId);
        return echoed == id && context.CurrentUtcTime >= until && clock >= until
            ? same + parallel.Sum()
            : throw new InvalidOperationException($"other id or time: {echoed}, {id}, {clock:O}, {until:O}");
    }
}

/// <summary>Two short journeys of others, one under an id of its own: twice its input and 4.</summary>
internal sealed class Caravan : IOrchestration<int, int>
{
    public static OrchestrationDefinition<int, int> Definition { get; } =
        new("Caravan", LoadJsonContext.Default.Int32, LoadJsonContext.Default.Int32);

    public async Task<int> RunAsync(OrchestrationContext context, int input)
    {
        var results = await Task.WhenAll(
            context.CallSubOrchestrationAsync(Walk.Definition, input),
            context.CallSubOrchestrationAsync(Walk.Definition, input, $"{context.InstanceId}-walk"));
        return results.Sum();
    }
}

/// <summary>Two steps and a rest: its input and 2.</summary>
internal sealed class Walk : IOrchestration<int, int>
{
    public static OrchestrationDefinition<int, int> Definition { get; } =
        new("Walk", LoadJsonContext.Default.Int32, LoadJsonContext.Default.Int32);

    public async Task<int> RunAsync(OrchestrationContext context, int input)
    {
        input = await context.CallActivityAsync(AddOne.Definition, input);
        await context.CreateTimer(context.CurrentUtcTime.AddMilliseconds(5));
        await context.CallActivityAsync(Stamp.Definition, context.InstanceId);
        return await context.CallActivityAsync(AddOne.Definition, input);
    }
}

/// <summary>Rings for itself and waits for what it hears, once with a time-out: its input and 6.</summary>
internal sealed class Vigil : IOrchestration<int, int>
{
    public static OrchestrationDefinition<int, int> Definition { get; } =
        new("Vigil", LoadJsonContext.Default.Int32, LoadJsonContext.Default.Int32);

    public async Task<int> RunAsync(OrchestrationContext context, int input)
    {
        await RestAsync(context);
        var rung = Task.WhenAll(Enumerable.Range(1, 3).Select(
            i => context.CallActivityAsync(Ring.Definition, new Bell(context.InstanceId, i))));
        // An activity that is run again rings again: what was heard before does not count.
        var heard = new HashSet<int>();
        while (heard.Count < 3)
        {
            heard.Add(await context.WaitForEventAsync(Ring.Event, TimeSpan.FromHours(1)));
        }

        await rung;
        return input + heard.Sum();
    }

    private static async Task RestAsync(OrchestrationContext context)
    {
        var until = context.CurrentUtcTime.AddMilliseconds(3);
        try
        {
            await context.WaitForEventAsync(new EventDefinition<int>("Never", LoadJsonContext.Default.Int32), until - context.CurrentUtcTime);
        }
        catch (EventTimeoutException) when (context.CurrentUtcTime >= until)
        {
            return;
        }

        throw new InvalidOperationException("woken by nothing");
    }
}

internal sealed record Lap(int Left, int Sum);

/// <summary>Continues as new for every lap; an event of the first is taken in the last: its sum, a lap each, and 7.</summary>
internal sealed class Rounds : IOrchestration<Lap, int>
{
    public static OrchestrationDefinition<Lap, int> Definition { get; } =
        new("Rounds", LoadJsonContext.Default.Lap, LoadJsonContext.Default.Int32);

    public async Task<int> RunAsync(OrchestrationContext context, Lap input)
    {
        if (input.Left == 4)
        {
            await context.CallActivityAsync(Ring.Definition, new Bell(context.InstanceId, 7));
        }

        var sum = await context.CallActivityAsync(AddOne.Definition, input.Sum);
        if (input.Left == 1)
        {
            return sum + await context.WaitForEventAsync(Ring.Event);
        }

        await context.CreateTimer(context.CurrentUtcTime.AddMilliseconds(2));
        context.ContinueAsNew(new Lap(input.Left - 1, sum), LoadJsonContext.Default.Lap);
        return 0;
    }
}
