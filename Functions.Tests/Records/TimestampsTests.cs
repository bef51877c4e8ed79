using System.Globalization;
using System.Text.Json;
using Backend.Model;
using Backend.Records;
using FsCheck;
using FsCheck.Fluent;

namespace Functions.Tests.Records;

public sealed class TimestampsTests
{
    /// <summary>Timestamps, and what becomes of them when a character or two are others.</summary>
    private static readonly Gen<string> Texts =
        from digits in Gen.ArrayOf(Gen.Choose(0, 9), 4)
        from month in Gen.Choose(0, 13)
        from day in Gen.Choose(0, 32)
        from hour in Gen.Choose(0, 25)
        from minute in Gen.Choose(0, 60)
        from fraction in Gen.Elements("", ".", ".1", ".12", ".123", ".1234", ",5")
        from zone in Gen.Elements("Z", "z", "+02:00", "")
        from spoilt in Gen.Frequency((3, Gen.Constant(-1)), (1, Gen.Choose(0, 19)))
        from with in Gen.Elements('T', 't', ' ', '-', ':', '0', 'Z', 'ü')
        let text = $"{digits[0]}{digits[1]}{digits[2]}{digits[3]}-{month:00}-{day:00}T{hour:00}:{minute:00}:{minute:00}{fraction}{zone}"
        select spoilt < 0 || spoilt >= text.Length ? text : $"{text[..spoilt]}{with}{text[(spoilt + 1)..]}";

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

    /// <summary>Texts of the usual form are read by another parser than the others; both must agree about what is a timestamp.</summary>
    [Fact]
    public void A_timestamp_is_the_same_whichever_parser_reads_it() => Prop.ForAll(Texts.ToArbitrary(), static text =>
    {
        var read = FieldChecks.TryReadTimestamp(JsonElement.Parse($"\"{text}\""), out var instant);

        return read == FieldChecks.TryReadTimestamp(text, out var expected) && instant == expected && instant.Offset == expected.Offset;
    }).Check(Config.QuickThrowOnFailure.WithMaxTest(20_000));

    [Fact]
    public void An_offset_is_converted() => Assert.Equal(
        "2024-05-17T07:30:00.000Z", Timestamps.Format(new DateTimeOffset(2024, 5, 17, 9, 30, 0, TimeSpan.FromHours(2))));
}
