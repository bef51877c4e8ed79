using System.Globalization;

namespace Backend.Merging;

/// <summary>
/// A hybrid logical clock's time: 48 bits of milliseconds since 1970-01-01 UTC and, behind them, 16 bits that count what
/// happens within one millisecond or before a clock that lags has caught up. From "Logical Physical Clocks" by Kulkarni,
/// Demirbas, Madappa, Avva and Leone, OPODIS 2014. As text 16 hexadecimal digits, whose order is that of time.
/// </summary>
internal readonly record struct HybridTimestamp(long Value) : IComparable<HybridTimestamp>
{
    public const int Digits = 16;

    private const int CounterBits = 16;

    /// <summary>Before everything.</summary>
    public static readonly HybridTimestamp Zero;

    /// <summary>The time that follows, whatever a clock says; the counter runs over into the milliseconds.</summary>
    public HybridTimestamp Next => new(Value + 1);

    /// <summary>The instant, to the millisecond.</summary>
    public DateTimeOffset Time => DateTimeOffset.FromUnixTimeMilliseconds(Value >> CounterBits);

    public static HybridTimestamp At(DateTimeOffset time) => new(time.ToUnixTimeMilliseconds() << CounterBits);

    public static HybridTimestamp Max(HybridTimestamp one, HybridTimestamp other) => one.Value >= other.Value ? one : other;

    /// <summary>Reads 16 lower-case hexadecimal digits; false for anything else.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out HybridTimestamp timestamp)
    {
        timestamp = default;
        if (text.Length != Digits
            || text[0] > '7' // it would be negative
            || text.ContainsAnyInRange('A', 'F')
            || !long.TryParse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value))
        {
            return false;
        }

        timestamp = new HybridTimestamp(value);
        return true;
    }

    public int CompareTo(HybridTimestamp other) => Value.CompareTo(other.Value);

    public static bool operator <(HybridTimestamp left, HybridTimestamp right) => left.Value < right.Value;

    public static bool operator >(HybridTimestamp left, HybridTimestamp right) => left.Value > right.Value;

    public static bool operator <=(HybridTimestamp left, HybridTimestamp right) => left.Value <= right.Value;

    public static bool operator >=(HybridTimestamp left, HybridTimestamp right) => left.Value >= right.Value;

    public override string ToString() => Value.ToString("x16", CultureInfo.InvariantCulture);
}
