using System.Globalization;

namespace SyncClient;

/// <summary>
/// A hybrid logical clock ("Logical Physical Clocks", Kulkarni et al., OPODIS 2014): 48 bits of milliseconds since 1970 UTC and 16
/// bits that count. Its times are 16 lower-case hexadecimal digits, whose order is that of time.
/// </summary>
public sealed class HybridClock(TimeProvider time, long last = 0)
{
    /// <summary>Before everything: what a client has seen of a record that it never had.</summary>
    public const string Zero = "0000000000000000";

    private const int CounterBits = 16;

    /// <summary>To be kept on disk.</summary>
    public long Last { get; private set; } = last;

    /// <summary>The time of something that happens now: later than all that this client knows of.</summary>
    public string Tick()
    {
        Last = Math.Max(Last + 1, time.GetUtcNow().ToUnixTimeMilliseconds() << CounterBits);
        return Last.ToString("x16", CultureInfo.InvariantCulture);
    }

    /// <summary>Takes note of a version that came from the server.</summary>
    public void Observe(string version) =>
        Last = Math.Max(Last, long.Parse(version, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture));

    /// <summary>Takes note of the server's time.</summary>
    public void Observe(DateTimeOffset serverTime) => Last = Math.Max(Last, serverTime.ToUnixTimeMilliseconds() << CounterBits);

    /// <summary>The best guess at the server's time.</summary>
    public DateTimeOffset ServerTime => DateTimeOffset.FromUnixTimeMilliseconds(Last >> CounterBits);
}
