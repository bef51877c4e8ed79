using System.Buffers.Binary;
using SixLabors.ImageSharp;
using SixLabors.ImageSharp.PixelFormats;

namespace Functions.Images;

/// <summary>
/// An ICC profile of three curves and a matrix, which is what cameras, phones and screens have (Display P3, Adobe RGB);
/// ICC.1:2022, section 8.3.3. Profiles by tables, as printers have them, are not read: their pixels stay as they are.
/// </summary>
internal sealed class MatrixProfile
{
    private const int Steps = 16_384;

    /// <summary>XYZ as profiles have it, adapted to D50, to linear sRGB.</summary>
    private static readonly double[] ToLinearSrgb =
    [
        3.1338561, -1.6168667, -0.4906146,
        -0.9787684, 1.9161415, 0.0334540,
        0.0719453, -0.2289914, 1.4052427,
    ];

    private static readonly byte[] Companded =
        [.. Enumerable.Range(0, Steps + 1).Select(static step => Compand(step / (double)Steps))];

    private readonly float[][] _curves;
    private readonly float[] _matrix;

    private MatrixProfile(float[][] curves, float[] matrix) => (_curves, _matrix) = (curves, matrix);

    /// <summary>Null when it is damaged, of another kind, or for other pixels than RGB.</summary>
    public static MatrixProfile? TryParse(ReadOnlySpan<byte> profile)
    {
        if (profile.Length < 132 || !profile[16..].StartsWith("RGB XYZ "u8) || !profile[36..].StartsWith("acsp"u8))
        {
            return null;
        }

        var matrix = new float[9];
        var curves = new float[3][];
        for (var channel = 0; channel < 3; channel++)
        {
            var letter = "rgb"u8[channel];
            if (!TryFind(profile, [letter, (byte)'X', (byte)'Y', (byte)'Z'], 20, out var xyz)
                || !TryFind(profile, [letter, (byte)'T', (byte)'R', (byte)'C'], 12, out var curve)
                || !ToneCurve.TryParse(curve, out curves[channel]))
            {
                return null;
            }

            for (var row = 0; row < 3; row++)
            {
                // The type signature and a reserved word stand before the three numbers.
                matrix[row * 3 + channel] = (float)(
                    ToLinearSrgb[row * 3] * ToneCurve.Fixed(xyz, 8)
                    + ToLinearSrgb[row * 3 + 1] * ToneCurve.Fixed(xyz, 12)
                    + ToLinearSrgb[row * 3 + 2] * ToneCurve.Fixed(xyz, 16));
            }
        }

        return new MatrixProfile(curves, matrix);
    }

    public void ConvertToSrgb(Image<Rgba32> image) => image.ProcessPixelRows(rows =>
    {
        for (var y = 0; y < rows.Height; y++)
        {
            foreach (ref var pixel in rows.GetRowSpan(y))
            {
                var (r, g, b) = (_curves[0][pixel.R], _curves[1][pixel.G], _curves[2][pixel.B]);
                pixel.R = Encode(_matrix[0] * r + _matrix[1] * g + _matrix[2] * b);
                pixel.G = Encode(_matrix[3] * r + _matrix[4] * g + _matrix[5] * b);
                pixel.B = Encode(_matrix[6] * r + _matrix[7] * g + _matrix[8] * b);
            }
        }
    });

    private static bool TryFind(ReadOnlySpan<byte> profile, ReadOnlySpan<byte> tag, int atLeast, out ReadOnlySpan<byte> content)
    {
        content = default;
        var count = BinaryPrimitives.ReadUInt32BigEndian(profile[128..]);
        for (var at = 132; count-- > 0 && at + 12 <= profile.Length; at += 12)
        {
            if (profile[at..].StartsWith(tag))
            {
                var offset = BinaryPrimitives.ReadUInt32BigEndian(profile[(at + 4)..]);
                var length = BinaryPrimitives.ReadUInt32BigEndian(profile[(at + 8)..]);
                if (length < atLeast || (ulong)offset + length > (ulong)profile.Length)
                {
                    return false;
                }

                content = profile.Slice((int)offset, (int)length);
                return true;
            }
        }

        return false;
    }

    private static byte Encode(float linear) => Companded[(int)(Math.Clamp(linear, 0f, 1f) * Steps + 0.5f)];

    private static byte Compand(double linear) =>
        (byte)Math.Round(255 * (linear <= 0.0031308 ? 12.92 * linear : 1.055 * Math.Pow(linear, 1 / 2.4) - 0.055));
}
