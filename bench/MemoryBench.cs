using System.Globalization;
using Bench.Load;

namespace Bench;

/// <summary>
/// Memory while a host works for a long time: it must become flat. The requests come with more tokens than the cache of
/// tokens takes, and with filters of more shapes than statements are kept prepared.
/// </summary>
internal static class MemoryBench
{
    private const int Connections = 16;
    private const int TokensOfAConnection = 600;

    public static async Task<int> RunAsync(string? seconds)
    {
        var duration = TimeSpan.FromSeconds(seconds is null ? 120 : int.Parse(seconds, CultureInfo.InvariantCulture));
        await using var target = await Target.StartSelfAsync(HostedLocal.Mode);
        Console.WriteLine($"at start: {target.MemoryMb:0} MB resident");
        var requests = await Requests.ForLocalAsync(target, Connections);
        var tokens = new List<byte[][]>();
        for (var connection = 0; connection < Connections; connection++)
        {
            var all = await Task.WhenAll(Enumerable.Range(0, TokensOfAConnection)
                .Select(number => Requests.TokenAsync(target, $"visitor-{connection}-{number}")));
            tokens.Add([.. all.Select((bearer, number) => Requests.Build(
                "GET", $"{Requests.Notes}?filter={Filter(number)}", bearer))]);
        }

        (int Status, List<byte[][]> Requests)[] kinds =
            [(200, requests.Reads), (200, requests.Lists), (200, requests.Patches), (201, requests.Creates), (200, tokens)];
        var round = duration / 10 / kinds.Length;
        for (var i = 0; i < 10; i++)
        {
            var count = 0;
            foreach (var (status, some) in kinds)
            {
                count += (await target.Client.RunAsync(Connections, status, round, some)).Latencies.Length;
            }

            var (_, heap) = await target.ReadGcAsync();
            Console.WriteLine($"after {count} more requests: {target.MemoryMb:0} MB resident, {heap / 1048576.0:0.0} MB managed");
        }

        return 0;
    }

    /// <summary>A condition that no other number has: its text, not its value, differs.</summary>
    private static string Filter(int number) => Uri.EscapeDataString(
        string.Join(" && ", Enumerable.Range(0, 10).Select(bit => (number >> bit & 1) == 0 ? "done == true" : "priority > 3")));
}
