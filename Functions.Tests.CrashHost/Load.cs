using Backend.Orchestrations;
using Microsoft.Extensions.DependencyInjection;

namespace Functions.Tests.CrashHost;

/// <summary>All kinds of orchestrations, so that there is no kind of moment at which their process cannot be killed.</summary>
internal static class Load
{
    /// <summary>As the ids of the instances name them.</summary>
    public static readonly IReadOnlyList<string> Kinds = ["journey", "caravan", "vigil", "rounds", "again", "doomed"];

    public static IServiceCollection AddLoad(this IServiceCollection services, string folder) => services
        .AddSingleton(TimeProvider.System)
        .AddSingleton(new Ledger(folder))
        .AddActivity<Stamp, string, Guid>()
        .AddActivity<AddOne, int, int>()
        .AddActivity<Flip, int, int>()
        .AddActivity<Echo, Guid, Guid>()
        .AddActivity<ReadClock, int, DateTimeOffset>()
        .AddActivity<Ring, Bell, int>()
        .AddOrchestration<Journey, int, int>()
        .AddOrchestration<Caravan, int, int>()
        .AddOrchestration<Walk, int, int>()
        .AddOrchestration<Vigil, int, int>()
        .AddOrchestration<Doomed, int, int>()
        .AddOrchestration<Sleep, int, int>()
        .AddOrchestration<Rounds, Lap, int>();

    public static Task<bool> StartAsync(IOrchestrator orchestrator, string kind, string id, int input) => kind switch
    {
        "journey" => orchestrator.StartAsync(Journey.Definition, id, input, CancellationToken.None),
        "caravan" => orchestrator.StartAsync(Caravan.Definition, id, input, CancellationToken.None),
        "vigil" => orchestrator.StartAsync(Vigil.Definition, id, input, CancellationToken.None),
        "again" => orchestrator.StartAsync(Walk.Definition, id, input, CancellationToken.None),
        "doomed" => orchestrator.StartAsync(Doomed.Definition, id, input, CancellationToken.None),
        _ => orchestrator.StartAsync(Rounds.Definition, id, new Lap(4, input), CancellationToken.None),
    };

    /// <summary>Whether it only ends by being terminated.</summary>
    public static bool IsEndless(string orchestration) => orchestration is "Doomed" or "Sleep";

    /// <summary>What an instance must come to that was started with <paramref name="input"/>.</summary>
    public static int Expected(string kind, int input) => kind switch
    {
        "journey" => input + 9,
        "caravan" => (input + 2) * 2,
        "vigil" => input + 6,
        "again" => input + 2,
        _ => input + 4 + 7,
    };
}
