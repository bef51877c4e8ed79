using System.Globalization;

namespace Backend.Rules.Compiled;

/// <summary>
/// Instants as whole numbers of the digits <c>yyyyMMddHHmmssfff</c>. Fields hold them as text of a fixed width, so that
/// digits order as text does, in the databases too, and reading one needs no calendar.
/// </summary>
internal static class Instant
{
    /// <summary>How fields keep timestamps: <c>2026-05-17T08:30:00.000Z</c>.</summary>
    private const string Shape = "####-##-##T##:##:##.###Z";

    private const string Format = "yyyy-MM-dd'T'HH:mm:ss.fff'Z'";

    public static long Pack(DateTimeOffset instant)
    {
        var utc = instant.UtcDateTime;
        var date = (((utc.Year * 100L) + utc.Month) * 100) + utc.Day;
        var time = (((utc.Hour * 100L) + utc.Minute) * 100) + utc.Second;
        return (((date * 1_000_000) + time) * 1000) + utc.Millisecond;
    }

    /// <summary>The inverse of <see cref="Pack"/>; not for digits that were read from a record, which name any day.</summary>
    public static DateTimeOffset Unpack(long digits)
    {
        var (date, time) = (digits / 1_000_000_000, digits / 1000 % 1_000_000);
        return new DateTimeOffset(
            (int)(date / 10_000), (int)(date / 100 % 100), (int)(date % 100),
            (int)(time / 10_000), (int)(time / 100 % 100), (int)(time % 100), (int)(digits % 1000), TimeSpan.Zero);
    }

    public static string ToText(long digits) => Unpack(digits).UtcDateTime.ToString(Format, CultureInfo.InvariantCulture);

    /// <summary>Reads a field's text; false when it does not have the shape.</summary>
    public static bool TryRead(ReadOnlySpan<byte> text, out long digits)
    {
        digits = 0;
        if (text.Length != Shape.Length)
        {
            return false;
        }

        for (var i = 0; i < text.Length; i++)
        {
            if (Shape[i] != '#')
            {
                if (text[i] != Shape[i])
                {
                    return false;
                }
            }
            else if (text[i] is >= (byte)'0' and <= (byte)'9')
            {
                digits = (digits * 10) + (text[i] - '0');
            }
            else
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Moves an instant; at the ends of the calendar it stays there.</summary>
    public static long Move(long digits, TimeSpan by)
    {
        var ticks = Math.Clamp(
            (double)Unpack(digits).UtcTicks + by.Ticks, DateTimeOffset.MinValue.Ticks, DateTimeOffset.MaxValue.Ticks);
        return ticks >= DateTimeOffset.MaxValue.Ticks
            ? Pack(DateTimeOffset.MaxValue)
            : ticks <= 0 ? Pack(DateTimeOffset.MinValue) : Pack(Unpack(digits) + by);
    }
}
