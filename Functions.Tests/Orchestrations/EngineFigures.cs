using System.Diagnostics;

namespace Functions.Tests.Orchestrations;

/// <summary>Not a test but a measurement; run with <c>-explicit only</c> in a Release build.</summary>
public sealed class EngineFigures(ITestOutputHelper output) : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact(Explicit = true)]
    public async Task Chains_a_second_and_the_time_of_a_large_fan_out()
    {
        var ct = TestContext.Current.CancellationToken;
        await using var host = await EngineHost.StartAsync(_folder.Path);
        foreach (var (round, count) in new[] { ("warm-up", 200), ("measured", 2000), ("measured", 2000) })
        {
            var watch = Stopwatch.StartNew();
            var ids = Enumerable.Range(0, count).Select(_ => $"{Guid.CreateVersion7():N}").ToList();
            await Task.WhenAll(ids.Select(id => host.Orchestrator.StartAsync(Chain.Definition, id, 0, ct)));
            foreach (var id in ids)
            {
                await host.Orchestrator.WaitForEndAsync(id);
            }

            output.WriteLine($"{round}: {count / watch.Elapsed.TotalSeconds:F0} chains of 5 activities a second");
        }

        for (var i = 0; i < 3; i++)
        {
            var watch = Stopwatch.StartNew();
            await host.Orchestrator.StartAsync(FanOut.Definition, $"fan-{i}", 1000, ct);
            await host.Orchestrator.WaitForEndAsync($"fan-{i}");
            output.WriteLine($"fan-out of 1,000 activities: {watch.ElapsedMilliseconds} ms");
        }

        var alone = Stopwatch.StartNew();
        await host.Orchestrator.StartAsync(Chain.Definition, "alone", 0, ct);
        await host.Orchestrator.WaitForEndAsync("alone");
        output.WriteLine($"one chain of 5 activities alone: {alone.ElapsedMilliseconds} ms");
    }
}
