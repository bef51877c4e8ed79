using System.Diagnostics;
using System.Text.Json.Serialization;
using Backend.Orchestrations;
using Local.Orchestrations;
using Local.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Bench;

/// <summary>Orchestrations a second and the time of a large fan-out, on the embedded engine with a real database.</summary>
internal static class EngineBench
{
    private const int Chains = 2_000;
    private const int FanOutWidth = 1_000;

    public static async Task<int> RunAsync()
    {
        var folder = Directory.CreateTempSubdirectory("backend-bench-");
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services
            .AddSingleton(_ => new SqliteDatabase(Path.Combine(folder.FullName, "backend.db")))
            .AddSingleton(TimeProvider.System)
            .AddActivity<AddOne, int, int>()
            .AddOrchestration<Chain, int, int>()
            .AddOrchestration<FanOut, int, int>()
            .AddEmbeddedOrchestrations();
        var host = builder.Build();
        await host.StartAsync();
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

        await host.StopAsync();
        await ((IAsyncDisposable)host).DisposeAsync(); // the generic host is one; IHost does not say so
        folder.Delete(recursive: true);
        return 0;
    }

    private static async Task RunAllAsync(
        IOrchestrator orchestrator, OrchestrationDefinition<int, int> definition, int input, int count)
    {
        var ids = Enumerable.Range(0, count).Select(_ => $"{Guid.CreateVersion7():n}").ToList();
        await Task.WhenAll(ids.Select(id => orchestrator.StartAsync(definition, id, input, default)));
        foreach (var id in ids)
        {
            while (await orchestrator.FindAsync(id, default) is not { State: OrchestrationState.Completed })
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

[JsonSerializable(typeof(int))]
internal sealed partial class BenchJsonContext : JsonSerializerContext;
