using Backend.Records;

namespace Simulator;

/// <summary>Runs worlds one after the other on one server.</summary>
internal static class Simulation
{
    private const int Steps = 120;

    /// <param name="seeds">One world each.</param>
    /// <param name="steps">How much happens in each; null for the usual.</param>
    /// <param name="ct">Ends it.</param>
    /// <param name="mutant">The promise to break; then the first world that finds it out is enough.</param>
    /// <param name="store">Makes what the servers share; null for SQLite.</param>
    /// <returns>The worlds in which a promise was broken, with their story.</returns>
    public static async Task<IReadOnlyList<(int Seed, string Story)>> RunAsync(
        IEnumerable<int> seeds, int? steps, CancellationToken ct, Mutant mutant = Mutant.None, Func<TimeProvider, IRecordStore>? store = null)
    {
        var broken = new List<(int, string)>();
        foreach (var chunk in seeds.Chunk(500))
        {
            // What happens in a world is told by its seed alone: the server keeps nothing of one that another could see.
            var time = new VirtualTime();
            await using var server = new Server(time, mutant, store?.Invoke(time));
            foreach (var seed in chunk)
            {
                await server.ResetAsync();
                var world = new World(seed, server, time, mutant, ct);
                try
                {
                    await world.RunAsync(steps ?? Steps);
                }
                catch (PromiseBrokenException failure)
                {
                    broken.Add((seed, string.Join('\n', [.. world.Story, $"BROKEN: {failure.Message}"])));
                    if (mutant is not Mutant.None)
                    {
                        return broken;
                    }
                }
            }
        }

        return broken;
    }

    /// <summary>One world with its whole story, whatever became of it.</summary>
    public static async Task<(bool Holds, string Story)> TellAsync(int seed, int? steps, CancellationToken ct)
    {
        var time = new VirtualTime();
        await using var server = new Server(time);
        var world = new World(seed, server, time, Mutant.None, ct);
        try
        {
            await world.RunAsync(steps ?? Steps);
            return (true, string.Join('\n', world.Story));
        }
        catch (PromiseBrokenException failure)
        {
            return (false, string.Join('\n', [.. world.Story, $"BROKEN: {failure.Message}"]));
        }
    }
}
