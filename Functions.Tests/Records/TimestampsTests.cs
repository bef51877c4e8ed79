using System.Globalization;
using Backend.Records;

namespace Functions.Tests.Records;

public sealed class TimestampsTests
{
    [Theory]
    [InlineData("0001-01-01T00:00:00.000Z")]
    [InlineData("1969-12-31T23:59:59.999Z")]
    [InlineData("2024-02-29T09:05:07.040Z")]
    [InlineData("9999-12-31T23:59:59.999Z")]
    public void An_instant_is_written_in_utc_with_milliseconds(string text)
    {
        var instant = DateTimeOffset.Parse(text, CultureInfo.InvariantCulture);

        Assert.Equal(text, Timestamps.Format(instant));
        Assert.Equal(text, Timestamps.Format(instant.AddTicks(9_999))); // cut off, not rounded
    }

    [Fact]
    public void An_offset_is_converted() => Assert.Equal(
        "2024-05-17T07:30:00.000Z", Timestamps.Format(new DateTimeOffset(2024, 5, 17, 9, 30, 0, TimeSpan.FromHours(2))));
}
