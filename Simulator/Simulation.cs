namespace Simulator;

/// <summary>Runs worlds one after the other on one server.</summary>
internal static class Simulation
{
    private const int Steps = 120;

    /// <param name="seeds">One world each.</param>
    /// <param name="model">The model's folder.</param>
    /// <param name="steps">How much happens in each; null for the usual.</param>
    /// <param name="ct">Ends it.</param>
    /// <param name="mutant">The promise to break; then the first world that finds it out is enough.</param>
    /// <returns>The worlds in which a promise was broken, with their story.</returns>
    public static async Task<IReadOnlyList<(int Seed, string Story)>> RunAsync(
        IEnumerable<int> seeds, string model, int? steps, CancellationToken ct, Mutant mutant = Mutant.None)
    {
        var broken = new List<(int, string)>();
        foreach (var chunk in seeds.Chunk(500))
        {
            // What happens in a world is told by its seed alone: the server keeps nothing of one that another could see.
            var time = new VirtualTime();
            await using var server = new Server(time, model, mutant);
            foreach (var seed in chunk)
            {
                server.Store.Live();
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
    public static async Task<(bool Holds, string Story)> TellAsync(int seed, string model, int? steps, CancellationToken ct)
    {
        var time = new VirtualTime();
        await using var server = new Server(time, model);
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
