using System.Globalization;

namespace Functions.Tests.Sync;

/// <summary>Section "Time" of docs/sync-protocol.md.</summary>
internal sealed class PageClientClock(Func<long> milliseconds)
{
    public long Last { get; private set; }

    /// <summary>The best guess at the server's time.</summary>
    public DateTimeOffset ServerTime => DateTimeOffset.FromUnixTimeMilliseconds(Last >> 16);

    public static string Write(long value) => value.ToString("x16", CultureInfo.InvariantCulture);

    public string Tick() => Write(Last = Math.Max(Last + 1, milliseconds() << 16));

    public void Observe(long value) => Last = Math.Max(Last, value);

    public void Observe(string version) => Observe(long.Parse(version, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture));
}
