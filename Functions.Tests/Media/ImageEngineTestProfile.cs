using System.Buffers.Binary;
using System.Text;

namespace Functions.Tests.Media;

/// <summary>A matrix profile with Display P3's primaries and a plain gamma of 2.2, and what it means in sRGB.</summary>
internal static class ImageEngineTestProfile
{
    private const double Gamma = 2.2;

    /// <summary>P3's primaries adapted to D50, one row for each of X, Y, Z.</summary>
    private static readonly double[,] ToXyz =
    {
        { 0.51512, 0.29198, 0.15710 },
        { 0.24120, 0.69225, 0.06657 },
        { -0.00105, 0.04189, 0.78407 },
    };

    /// <summary>D50-adapted XYZ to linear sRGB.</summary>
    private static readonly double[,] FromXyz =
    {
        { 3.1338561, -1.6168667, -0.4906146 },
        { -0.9787684, 1.9161415, 0.0334540 },
        { 0.0719453, -0.2289914, 1.4052427 },
    };

    public static byte[] DisplayP3()
    {
        (string Tag, byte[] Content)[] tags =
        [
            ("desc", [.. "desc\0\0\0\0\0\0\0\u0003P3\0"u8, .. new byte[78]]),
            ("cprt", "text\0\0\0\0none\0"u8.ToArray()),
            ("wtpt", Xyz(0.9642, 1, 0.8249)),
            ("rXYZ", Xyz(ToXyz[0, 0], ToXyz[1, 0], ToXyz[2, 0])),
            ("gXYZ", Xyz(ToXyz[0, 1], ToXyz[1, 1], ToXyz[2, 1])),
            ("bXYZ", Xyz(ToXyz[0, 2], ToXyz[1, 2], ToXyz[2, 2])),
            ("rTRC", Curve()), ("gTRC", Curve()), ("bTRC", Curve()),
        ];
        using var table = new MemoryStream();
        using var content = new MemoryStream();
        table.Write(U32(tags.Length));
        foreach (var (tag, bytes) in tags)
        {
            table.Write(Encoding.ASCII.GetBytes(tag));
            table.Write(U32(128 + 4 + tags.Length * 12 + (int)content.Length));
            table.Write(U32(bytes.Length));
            content.Write([.. bytes, .. new byte[(4 - bytes.Length % 4) % 4]]);
        }

        byte[] body = [.. table.ToArray(), .. content.ToArray()];
        byte[] header =
        [
            .. U32(128 + body.Length), .. new byte[4], 2, 0x40, 0, 0, .. "mntrRGB XYZ "u8, .. new byte[12], .. "acsp"u8,
            .. new byte[28], .. Xyz(0.9642, 1, 0.8249).AsSpan(8), .. new byte[48],
        ];
        return [.. header, .. body];
    }

    public static (byte R, byte G, byte B) ToSrgb(byte r, byte g, byte b)
    {
        var xyz = Multiply(ToXyz, [Math.Pow(r / 255.0, Gamma), Math.Pow(g / 255.0, Gamma), Math.Pow(b / 255.0, Gamma)]);
        var linear = Multiply(FromXyz, xyz);
        return (Companded(linear[0]), Companded(linear[1]), Companded(linear[2]));
    }

    private static byte Companded(double linear)
    {
        var value = linear <= 0.0031308 ? 12.92 * linear : 1.055 * Math.Pow(linear, 1 / 2.4) - 0.055;
        return (byte)Math.Round(255 * Math.Clamp(value, 0, 1));
    }

    private static double[] Multiply(double[,] matrix, double[] vector) =>
        [.. Enumerable.Range(0, 3).Select(row => Enumerable.Range(0, 3).Sum(c => matrix[row, c] * vector[c]))];

    private static byte[] Xyz(double x, double y, double z) => [.. "XYZ \0\0\0\0"u8, .. S15(x), .. S15(y), .. S15(z)];

    private static byte[] Curve() => [.. "curv\0\0\0\0\0\0\0\u0001"u8, (byte)(Gamma * 256 / 256), (byte)(Gamma * 256 % 256)];

    private static byte[] S15(double value) => U32((int)Math.Round(value * 65536));

    private static byte[] U32(int value)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(bytes, value);
        return bytes;
    }
}
