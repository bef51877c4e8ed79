using Backend.Media;

namespace Functions.Tests.Media;

public sealed class BlurHashTests
{
    [Fact]
    public void One_colour_is_that_colour_and_nothing_else()
    {
        var hash = BlurHash.Encode(Fill(16, 16, static (_, _) => (255, 0, 0)), 1, 1);

        // Size flag for 1 x 1, no maximum, then 0xFF0000 in base 83.
        Assert.Equal("00TI:j", hash);
    }

    [Theory]
    [InlineData(4, 3)]
    [InlineData(3, 4)]
    [InlineData(9, 9)]
    public void The_length_follows_the_components(int columns, int rows) =>
        Assert.Equal(4 + (2 * columns * rows), BlurHash.Encode(Fill(32, 24, static (x, y) => (x * 8, y * 8, 128)), columns, rows).Length);

    [Fact]
    public void A_picture_that_is_dark_on_the_left_decodes_to_one_that_is()
    {
        var hash = BlurHash.Encode(Fill(32, 32, static (x, _) => x < 16 ? (0, 0, 0) : (255, 255, 255)), 3, 3);

        Assert.True(Red(hash, 0.1) < 60);
        Assert.True(Red(hash, 0.9) > 200);
    }

    [Fact]
    public void The_dominant_colour_is_the_one_of_the_larger_part() =>
        Assert.Equal("#1080f0", DominantColor.Find(Fill(10, 10, static (x, _) => x < 6 ? (0x10, 0x80, 0xF0) : (250, 250, 250))));

    private static PixelGrid Fill(int width, int height, Func<int, int, (int R, int G, int B)> color)
    {
        var rgb = new byte[3 * width * height];
        for (var i = 0; i < width * height; i++)
        {
            var (r, g, b) = color(i % width, i / width);
            (rgb[3 * i], rgb[(3 * i) + 1], rgb[(3 * i) + 2]) = ((byte)r, (byte)g, (byte)b);
        }

        return new PixelGrid(width, height, rgb);
    }

    /// <summary>The published decoder for one row and the red channel, written from the description of the format.</summary>
    private static double Red(string hash, double x)
    {
        const string Digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz#$%*+,-.:;=?@[]^_{|}~";
        int Decode(int from, int to) => hash[from..to].Aggregate(0, (value, digit) => (value * 83) + Digits.IndexOf(digit, StringComparison.Ordinal));
        var columns = (Decode(0, 1) % 9) + 1;
        var maximum = (Decode(1, 2) + 1) / 166.0;
        var linear = Math.Pow((((Decode(2, 6) >> 16) / 255.0) + 0.055) / 1.055, 2.4);
        for (var column = 1; column < columns; column++)
        {
            var quantised = Decode(4 + (2 * column), 6 + (2 * column)) / 361;
            var value = (quantised - 9) / 9.0;
            linear += Math.CopySign(value * value, value) * maximum * Math.Cos(Math.PI * x * column);
        }

        return 255 * ((1.055 * Math.Pow(Math.Clamp(linear, 0, 1), 1 / 2.4)) - 0.055);
    }
}
