namespace Bench.Load;

/// <summary>Adds up the rounds of one kind of request against one server.</summary>
internal sealed class Meter(Target target, int status, List<byte[][]> requests)
{
    private readonly List<Round> _rounds = [];
    private TimeSpan _cpu;

    public List<byte[][]> Requests => requests;

    /// <summary>Requests a second, the median of the rounds: one round that was disturbed does not count.</summary>
    public double PerSecond => Median(_rounds.Select(static round => round.PerSecond));

    /// <summary>Microseconds of processor time that the server spends on a request; waiting for the disk is none.</summary>
    public double CpuMicroseconds => _cpu.TotalMicroseconds / _rounds.Sum(static round => round.Latencies.Length);

    public Task RunAsync(int connections, TimeSpan duration) => RunAsync(connections, duration, requests, once: false);

    /// <summary>A round of requests that can be sent only once.</summary>
    public Task RunOnceAsync(IReadOnlyList<byte[][]> these) => RunAsync(these.Count, TimeSpan.FromMinutes(5), these, once: true);

    private async Task RunAsync(int connections, TimeSpan duration, IReadOnlyList<byte[][]> these, bool once)
    {
        var before = target.Cpu;
        _rounds.Add(await target.Client.RunAsync(connections, status, duration, these, once));
        _cpu += target.Cpu - before;
    }

    /// <summary>Milliseconds, the median over the rounds of what the given share of requests stays below.</summary>
    public double Percentile(double share) => Median(_rounds.Select(
        round => round.Latencies[(int)(share * (round.Latencies.Length - 1))] * 1000.0 / System.Diagnostics.Stopwatch.Frequency));

    public static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        return sorted[sorted.Length / 2];
    }
}
