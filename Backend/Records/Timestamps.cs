using System.Globalization;

namespace Backend.Records;

/// <summary>How instants look on the wire: RFC 3339, UTC, milliseconds.</summary>
internal static class Timestamps
{
    public static string Format(DateTimeOffset instant) =>
        instant.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
}
