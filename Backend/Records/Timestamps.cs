namespace Backend.Records;

/// <summary>How instants look on the wire: RFC 3339, UTC, milliseconds.</summary>
internal static class Timestamps
{
    private const string Template = "yyyy-MM-ddTHH:mm:ss.fffZ";

    /// <summary>Writes the digits itself: a custom format string is interpreted anew each time, twice for every record.</summary>
    public static string Format(DateTimeOffset instant) => string.Create(Template.Length, instant.UtcDateTime, static (text, utc) =>
    {
        Template.CopyTo(text);
        WriteDigits(text[..4], utc.Year);
        WriteDigits(text[5..7], utc.Month);
        WriteDigits(text[8..10], utc.Day);
        WriteDigits(text[11..13], utc.Hour);
        WriteDigits(text[14..16], utc.Minute);
        WriteDigits(text[17..19], utc.Second);
        WriteDigits(text[20..23], utc.Millisecond);
    });

    private static void WriteDigits(Span<char> digits, int value)
    {
        for (var i = digits.Length - 1; i >= 0; i--)
        {
            (value, var digit) = Math.DivRem(value, 10);
            digits[i] = (char)('0' + digit);
        }
    }
}
