using Backend.Azure.Records;
using Functions.Tests.Fixtures;
using Microsoft.Extensions.Options;
using Simulator;

namespace Functions.Tests.Sync;

/// <summary>
/// The promises of sync under chance (see <see cref="World"/>). A broken one is told again by
/// <c>dotnet run --project Simulator -- SEED</c>; more worlds run by <c>dotnet run -c Release --project Simulator -- 1 50000</c>.
/// </summary>
public sealed class SimulationTests(ITestOutputHelper output, CosmosServerFixture cosmos)
{
    private const int WorldsOfEach = 1_000;
    private const int WorldsOnCosmos = 12;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(1)]
    [InlineData(1_001)]
    public async Task No_promise_is_broken_in_any_world(int firstSeed)
    {
        Check(await Simulation.RunAsync(Enumerable.Range(firstSeed, WorldsOfEach), null, Ct));
    }

    public static TheoryData<Mutant> Mutants => [.. Enum.GetValues<Mutant>().Except([Mutant.None])];

    [Theory]
    [MemberData(nameof(Mutants))]
    public async Task A_promise_that_is_broken_on_purpose_is_found_out(Mutant mutant) =>
        Assert.NotEmpty(await Simulation.RunAsync(Enumerable.Range(1, 100), null, Ct, mutant));

    /// <summary>The same worlds, fewer of them, on the other store.</summary>
    [Fact]
    public async Task No_promise_is_broken_on_Cosmos_DB()
    {
        using var client = await cosmos.ClientAsync();
        var options = Options.Create(await cosmos.OptionsAsync());

        Check(await Simulation.RunAsync(Enumerable.Range(1, WorldsOnCosmos), null, Ct, store: time =>
            new CosmosRecordStore(client, options, ModelVersions.Of(ModelVersions.Last).Model, time)));
    }

    [Fact]
    public async Task A_seed_tells_the_same_story_each_time()
    {
        var (_, first) = await Simulation.TellAsync(42, null, Ct);
        var (_, second) = await Simulation.TellAsync(42, null, Ct);

        Assert.Equal(first, second);
    }

    [Fact]
    public async Task A_long_world_holds_too()
    {
        var (holds, story) = await Simulation.TellAsync(7, 3_000, Ct);

        Assert.True(holds, story[^Math.Min(story.Length, 2_000)..]);
    }

    private void Check(IReadOnlyList<(int Seed, string Story)> broken)
    {
        foreach (var (seed, story) in broken.Take(3))
        {
            output.WriteLine($"seed {seed}\n{story}\n");
        }

        Assert.Empty(broken.Select(world => world.Seed));
    }
}
