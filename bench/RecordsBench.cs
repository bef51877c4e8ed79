using Bench.Load;

namespace Bench;

/// <summary>
/// The records API beside a raw Kestrel + SQLite server: the same work in short rounds that take turns, so that what else
/// the machine does disturbs both alike.
/// </summary>
internal static class RecordsBench
{
    private const int Connections = 16;
    private const int Rounds = 9;
    private static readonly TimeSpan RoundTime = TimeSpan.FromMilliseconds(700);

    private static readonly (string Name, int Status, Func<Requests, List<byte[][]>> Of)[] Kinds =
    [
        ("read", 200, static requests => requests.Reads),
        ("query of 50", 200, static requests => requests.Lists),
        ("patch", 200, static requests => requests.Patches),
        ("create", 201, static requests => requests.Creates),
    ];

    /// <param name="program">A published Local; null for the one inside this program, whose allocations are told.</param>
    /// <param name="reference">Another published Local, such as the one from before a change; null for the raw server.</param>
    /// <param name="only">The kind to measure; null for all.</param>
    public static async Task<int> RunAsync(string? program, string? reference, string? only)
    {
        await using var local = program is null ? await Target.StartSelfAsync(HostedLocal.Mode) : await Target.StartLocalAsync(program);
        await using var raw = reference is null ? await Target.StartSelfAsync(RawServer.Mode) : await Target.StartLocalAsync(reference);
        Console.WriteLine($"{Environment.ProcessorCount} processors, {Connections} connections; {local.MemoryMb:0} MB, reference {raw.MemoryMb:0} MB at start");
        var forLocal = await Requests.ForLocalAsync(local, Connections);
        var forRaw = reference is null ? await Requests.ForRawAsync(raw, Connections) : await Requests.ForLocalAsync(raw, Connections);
        Console.WriteLine("| | Local /s | reference /s | ratio | p50 ms | p99 ms | CPU µs/request | reference | ratio | bytes/request | reference |");
        Console.WriteLine("|---|---|---|---|---|---|---|---|---|---|---|");
        foreach (var (name, status, of) in Kinds.Where(kind => only is null || kind.Name == only))
        {
            await WarmUpAsync(local, status, of(forLocal));
            await WarmUpAsync(raw, status, of(forRaw));
            var subject = new Meter(local, status, of(forLocal));
            var other = new Meter(raw, status, of(forRaw));
            for (var round = 0; round < Rounds; round++)
            {
                await subject.RunAsync(Connections, RoundTime);
                await other.RunAsync(Connections, RoundTime);
            }

            var bytes = program is null ? $"{await AllocationsAsync(local, status, of(forLocal)):0}" : "";
            var rawBytes = reference is null ? $"{await AllocationsAsync(raw, status, of(forRaw)):0}" : "";
            Console.WriteLine(
                $"| {name} | {subject.PerSecond:0} | {other.PerSecond:0} | {subject.PerSecond / other.PerSecond:0.00} "
                + $"| {subject.Percentile(0.5):0.00} | {subject.Percentile(0.99):0.0} "
                + $"| {subject.CpuMicroseconds:0} | {other.CpuMicroseconds:0} | {other.CpuMicroseconds / subject.CpuMicroseconds:0.00} "
                + $"| {bytes} | {rawBytes} |");
        }

        Console.WriteLine($"{local.MemoryMb:0} MB, reference {raw.MemoryMb:0} MB at the end");
        return 0;
    }

    /// <summary>Until the just-in-time compiler has seen what is hot.</summary>
    private static async Task WarmUpAsync(Target target, int status, List<byte[][]> requests)
    {
        for (var i = 0; i < 8; i++)
        {
            await target.Client.RunAsync(Connections, status, TimeSpan.FromMilliseconds(800), requests);
        }
    }

    private static async Task<double> AllocationsAsync(Target target, int status, List<byte[][]> requests)
    {
        var (before, _) = await target.ReadGcAsync();
        var round = await target.Client.RunAsync(Connections, status, RoundTime, requests);
        var (after, _) = await target.ReadGcAsync();
        return (after - before) / (double)round.Latencies.Length;
    }
}
