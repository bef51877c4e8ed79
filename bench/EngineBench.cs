using System.Diagnostics;
using System.Text.Json.Serialization;
using Backend.Orchestrations;
using Local.Orchestrations;
using Local.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Bench;

/// <summary>
/// Orchestrations a second, the time of a large fan-out, and a start with many instances that have not ended, on the
/// embedded engine with a real database.
/// </summary>
internal static class EngineBench
{
    private const int Chains = 2_000;
    private const int FanOutWidth = 1_000;
    private const int Unfinished = 10_000;

    public static async Task<int> RunAsync()
    {
        var folder = Directory.CreateTempSubdirectory("backend-bench-");
        var host = await StartAsync(folder.FullName);
        var orchestrator = host.Services.GetRequiredService<IOrchestrator>();
        await RunAllAsync(orchestrator, Chain.Definition, 0, Chains / 10); // warms up

        var watch = Stopwatch.StartNew();
        await RunAllAsync(orchestrator, Chain.Definition, 0, Chains);
        Console.WriteLine($"chains of 5 activities: {Chains / watch.Elapsed.TotalSeconds:0} a second");

        watch.Restart();
        await RunAllAsync(orchestrator, FanOut.Definition, FanOutWidth, 1);
        Console.WriteLine($"fan-out of {FanOutWidth} activities: {watch.ElapsedMilliseconds} ms");

        watch.Restart();
        await RunAllAsync(orchestrator, Chain.Definition, 0, 1);
        Console.WriteLine($"one chain of 5 activities alone: {watch.ElapsedMilliseconds} ms");

        await RecoverAsync(host, folder.FullName);
        folder.Delete(recursive: true);
        return 0;
    }

    /// <summary>Half of them wait for an event, half were only started when the process went.</summary>
    private static async Task RecoverAsync(IHost before, string folder)
    {
        var orchestrator = before.Services.GetRequiredService<IOrchestrator>();
        var waiting = Enumerable.Range(0, Unfinished / 2).Select(i => $"waiting-{i}").ToList();
        await Task.WhenAll(waiting.Select(id => orchestrator.StartAsync(Waiting.Definition, id, 0, default)));
        await UntilAsync(orchestrator, waiting, static instance => instance.State is not OrchestrationState.Pending);
        await before.StopAsync();
        var started = Enumerable.Range(0, Unfinished / 2).Select(i => $"started-{i}").ToList();
        await Task.WhenAll(started.Select(id => orchestrator.StartAsync(Chain.Definition, id, 0, default)));
        await ((IAsyncDisposable)before).DisposeAsync(); // the generic host is one; IHost does not say so

        var watch = Stopwatch.StartNew();
        var memory = GC.GetTotalMemory(forceFullCollection: true);
        var host = await StartAsync(folder);
        orchestrator = host.Services.GetRequiredService<IOrchestrator>();
        await UntilAsync(orchestrator, started, static instance => instance.State is not OrchestrationState.Pending);
        Console.WriteLine(
            $"start with {Unfinished} unfinished instances: all that had work have gone on after {watch.ElapsedMilliseconds} ms; " +
            $"{(GC.GetTotalMemory(forceFullCollection: true) - memory) >> 10} KiB more on the heap, " +
            $"{Environment.WorkingSet >> 20} MiB of the process");
        await UntilAsync(orchestrator, started, static instance => instance.State is OrchestrationState.Completed);
        Console.WriteLine($"their {Unfinished / 2} chains were done after {watch.ElapsedMilliseconds} ms");

        watch.Restart();
        await Task.WhenAll(waiting.Select(id => orchestrator.RaiseEventAsync(id, Waiting.Event, 1, default)));
        await UntilAsync(orchestrator, waiting, static instance => instance.State is OrchestrationState.Completed);
        Console.WriteLine($"{waiting.Count} events to as many instances: {watch.ElapsedMilliseconds} ms");
        await host.StopAsync();
        await ((IAsyncDisposable)host).DisposeAsync();
    }

    private static async Task<IHost> StartAsync(string folder)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services
            .AddSingleton(_ => new SqliteDatabase(Path.Combine(folder, "backend.db")))
            .AddSingleton(TimeProvider.System)
            .AddActivity<AddOne, int, int>()
            .AddOrchestration<Chain, int, int>()
            .AddOrchestration<FanOut, int, int>()
            .AddOrchestration<Waiting, int, int>()
            .AddEmbeddedOrchestrations();
        var host = builder.Build();
        await host.StartAsync();
        return host;
    }

    private static async Task RunAllAsync(
        IOrchestrator orchestrator, OrchestrationDefinition<int, int> definition, int input, int count)
    {
        var ids = Enumerable.Range(0, count).Select(_ => $"{Guid.CreateVersion7():n}").ToList();
        await Task.WhenAll(ids.Select(id => orchestrator.StartAsync(definition, id, input, default)));
        await UntilAsync(orchestrator, ids, static instance => instance.State is OrchestrationState.Completed);
    }

    private static async Task UntilAsync(
        IOrchestrator orchestrator, IEnumerable<string> ids, Func<OrchestrationInstance, bool> condition)
    {
        foreach (var id in ids)
        {
            while (await orchestrator.FindAsync(id, default) is not { } instance || !condition(instance))
            {
                await Task.Delay(1);
            }
        }
    }
}

internal sealed class AddOne : IActivity<int, int>
{
    public static ActivityDefinition<int, int> Definition { get; } =
        new(nameof(AddOne), BenchJsonContext.Default.Int32, BenchJsonContext.Default.Int32);

    public Task<int> RunAsync(int input, CancellationToken ct) => Task.FromResult(input + 1);
}

internal sealed class Chain : IOrchestration<int, int>
{
    public static OrchestrationDefinition<int, int> Definition { get; } =
        new(nameof(Chain), BenchJsonContext.Default.Int32, BenchJsonContext.Default.Int32);

    public async Task<int> RunAsync(OrchestrationContext context, int input)
    {
        for (var i = 0; i < 5; i++)
        {
            input = await context.CallActivityAsync(AddOne.Definition, input);
        }

        return input;
    }
}

internal sealed class FanOut : IOrchestration<int, int>
{
    public static OrchestrationDefinition<int, int> Definition { get; } =
        new(nameof(FanOut), BenchJsonContext.Default.Int32, BenchJsonContext.Default.Int32);

    public async Task<int> RunAsync(OrchestrationContext context, int input) =>
        (await Task.WhenAll(Enumerable.Range(0, input).Select(i => context.CallActivityAsync(AddOne.Definition, i)))).Sum();
}

internal sealed class Waiting : IOrchestration<int, int>
{
    public static EventDefinition<int> Event { get; } = new(nameof(Event), BenchJsonContext.Default.Int32);

    public static OrchestrationDefinition<int, int> Definition { get; } =
        new(nameof(Waiting), BenchJsonContext.Default.Int32, BenchJsonContext.Default.Int32);

    public Task<int> RunAsync(OrchestrationContext context, int input) =>
        context.WaitForEventAsync(Event, TimeSpan.FromDays(1));
}

[JsonSerializable(typeof(int))]
internal sealed partial class BenchJsonContext : JsonSerializerContext;
