using Functions.Tests.Fixtures;
using Simulator;

namespace Functions.Tests.Sync;

/// <summary>
/// The promises of sync under chance (see <see cref="World"/>). A broken one is told again by
/// <c>dotnet run --project Simulator -- SEED</c>; more worlds run by <c>dotnet run -c Release --project Simulator -- 1 50000</c>.
/// </summary>
public sealed class SimulationTests(ITestOutputHelper output)
{
    private const int WorldsOfEach = 1_000;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(1)]
    [InlineData(1_001)]
    public async Task No_promise_is_broken_in_any_world(int firstSeed)
    {
        var broken = await Simulation.RunAsync(Enumerable.Range(firstSeed, WorldsOfEach), RepositoryFiles.Model, null, Ct);

        foreach (var (seed, story) in broken.Take(3))
        {
            output.WriteLine($"seed {seed}\n{story}\n");
        }

        Assert.Empty(broken.Select(world => world.Seed));
    }

    /// <summary>The others are found out by tests of merging only, see CONTRIBUTING.md.</summary>
    public static TheoryData<Mutant> FoundOut => [.. Enum.GetValues<Mutant>().Except(
        [Mutant.None, Mutant.ArrivalIsOrder, Mutant.RemovalsWin, Mutant.ClocksAreTrusted])];

    [Theory]
    [MemberData(nameof(FoundOut))]
    public async Task A_promise_that_is_broken_on_purpose_is_found_out(Mutant mutant) =>
        Assert.NotEmpty(await Simulation.RunAsync(Enumerable.Range(1, 100), RepositoryFiles.Model, null, Ct, mutant));

    [Fact]
    public async Task A_seed_tells_the_same_story_each_time()
    {
        var (_, first) = await Simulation.TellAsync(42, RepositoryFiles.Model, null, Ct);
        var (_, second) = await Simulation.TellAsync(42, RepositoryFiles.Model, null, Ct);

        Assert.Equal(first, second);
    }

    [Fact]
    public async Task A_long_world_holds_too()
    {
        var (holds, story) = await Simulation.TellAsync(7, RepositoryFiles.Model, 3_000, Ct);

        Assert.True(holds, story[^Math.Min(story.Length, 2_000)..]);
    }
}
