using System.Text;

namespace Backend.Media;

/// <summary>
/// A few dozen characters that decode to a blurred preview: the low frequencies of a discrete cosine transform in
/// linear light, quantised and written in base 83. The algorithm is Dag Ågren's, published by Wolt at
/// https://github.com/woltapp/blurhash/blob/master/Algorithm.md.
/// </summary>
internal static class BlurHash
{
    private const string Digits =
        "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz#$%*+,-.:;=?@[]^_{|}~";

    /// <param name="image">A small image; 32 pixels a side are plenty.</param>
    /// <param name="columns">Horizontal components, 1 to 9.</param>
    /// <param name="rows">Vertical components, 1 to 9.</param>
    public static string Encode(PixelGrid image, int columns, int rows)
    {
        var factors = new (double R, double G, double B)[columns * rows];
        for (var row = 0; row < rows; row++)
        {
            for (var column = 0; column < columns; column++)
            {
                factors[(row * columns) + column] = Factor(image, column, row);
            }
        }

        var hash = new StringBuilder(6 + (2 * factors.Length));
        Append(hash, columns - 1 + ((rows - 1) * 9), 1);
        var maximum = factors.Skip(1).Select(f => Math.Max(Math.Abs(f.R), Math.Max(Math.Abs(f.G), Math.Abs(f.B))))
            .DefaultIfEmpty(0).Max();
        var quantised = factors.Length > 1 ? (int)Math.Clamp(Math.Floor((maximum * 166) - 0.5), 0, 82) : 0;
        Append(hash, quantised, 1);
        Append(hash, (ToSrgb(factors[0].R) << 16) + (ToSrgb(factors[0].G) << 8) + ToSrgb(factors[0].B), 4);
        var scale = (quantised + 1) / 166.0;
        foreach (var (r, g, b) in factors.Skip(1))
        {
            Append(hash, (Quantise(r / scale) * 19 * 19) + (Quantise(g / scale) * 19) + Quantise(b / scale), 2);
        }

        return hash.ToString();
    }

    private static (double R, double G, double B) Factor(PixelGrid image, int column, int row)
    {
        double r = 0, g = 0, b = 0;
        var rgb = image.Rgb.Span;
        for (var y = 0; y < image.Height; y++)
        {
            var vertical = Math.Cos(Math.PI * row * y / image.Height);
            for (var x = 0; x < image.Width; x++)
            {
                var basis = Math.Cos(Math.PI * column * x / image.Width) * vertical;
                var pixel = 3 * ((y * image.Width) + x);
                r += basis * ToLinear(rgb[pixel]);
                g += basis * ToLinear(rgb[pixel + 1]);
                b += basis * ToLinear(rgb[pixel + 2]);
            }
        }

        var normalisation = (column == 0 && row == 0 ? 1.0 : 2.0) / (image.Width * image.Height);
        return (r * normalisation, g * normalisation, b * normalisation);
    }

    private static int Quantise(double value) =>
        (int)Math.Clamp(Math.Floor((Math.Sign(value) * Math.Sqrt(Math.Abs(value)) * 9) + 9.5), 0, 18);

    /// <summary>The sRGB transfer function, IEC 61966-2-1.</summary>
    private static double ToLinear(byte value)
    {
        var v = value / 255.0;
        return v <= 0.04045 ? v / 12.92 : Math.Pow((v + 0.055) / 1.055, 2.4);
    }

    private static int ToSrgb(double value)
    {
        var v = Math.Clamp(value, 0, 1);
        return (int)((v <= 0.0031308 ? v * 12.92 : (1.055 * Math.Pow(v, 1 / 2.4)) - 0.055) * 255 + 0.5);
    }

    private static void Append(StringBuilder hash, int value, int length)
    {
        var divisor = (int)Math.Pow(83, length - 1);
        for (; divisor > 0; divisor /= 83)
        {
            hash.Append(Digits[value / divisor % 83]);
        }
    }
}
