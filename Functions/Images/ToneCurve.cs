using System.Buffers.Binary;

namespace Functions.Images;

/// <summary>The light that each of the 256 values of a channel stands for, from a profile; ICC.1:2022, 10.6 and 10.18.</summary>
internal static class ToneCurve
{
    private const int MaxPoints = 4096;

    /// <summary>How many numbers each kind of parametric curve has.</summary>
    private static ReadOnlySpan<byte> Parameters => [1, 3, 4, 5, 7];

    public static bool TryParse(ReadOnlySpan<byte> tag, out float[] curve)
    {
        curve = [];
        Func<double, double>? light =
            tag.StartsWith("curv"u8) ? Sampled(tag) : tag.StartsWith("para"u8) ? Parametric(tag) : null;
        if (light is null)
        {
            return false;
        }

        curve = [.. Enumerable.Range(0, 256).Select(value => (float)light(value / 255.0))];
        return Array.TrueForAll(curve, float.IsFinite);
    }

    /// <summary>A number with 16 bits after the point.</summary>
    public static double Fixed(ReadOnlySpan<byte> bytes, int offset) =>
        BinaryPrimitives.ReadInt32BigEndian(bytes[offset..]) / 65536.0;

    private static Func<double, double>? Sampled(ReadOnlySpan<byte> tag)
    {
        var count = BinaryPrimitives.ReadUInt32BigEndian(tag[8..]);
        if (count > MaxPoints || tag.Length < 12 + count * 2)
        {
            return null;
        }

        var points = new ushort[count];
        for (var i = 0; i < points.Length; i++)
        {
            points[i] = BinaryPrimitives.ReadUInt16BigEndian(tag[(12 + i * 2)..]);
        }

        return points.Length switch
        {
            0 => static x => x,
            1 => x => Math.Pow(x, points[0] / 256.0),
            _ => x => Between(points, x * (points.Length - 1)) / 65535.0,
        };
    }

    private static double Between(ushort[] points, double at)
    {
        var below = Math.Min((int)at, points.Length - 2);
        return points[below] + (points[below + 1] - points[below]) * (at - below);
    }

    private static Func<double, double>? Parametric(ReadOnlySpan<byte> tag)
    {
        var kind = BinaryPrimitives.ReadUInt16BigEndian(tag[8..]);
        if (kind >= Parameters.Length || tag.Length < 12 + Parameters[kind] * 4)
        {
            return null;
        }

        var p = new double[7];
        for (var i = 0; i < Parameters[kind]; i++)
        {
            p[i] = Fixed(tag, 12 + i * 4);
        }

        var (g, a, b, c, d, e, f) = (p[0], p[1], p[2], p[3], p[4], p[5], p[6]);
        return kind switch
        {
            0 => x => Math.Pow(x, g),
            1 => x => x >= -b / a ? Math.Pow(a * x + b, g) : 0,
            2 => x => x >= -b / a ? Math.Pow(a * x + b, g) + c : c,
            3 => x => x >= d ? Math.Pow(a * x + b, g) : c * x,
            _ => x => x >= d ? Math.Pow(a * x + b, g) + e : c * x + f,
        };
    }
}
