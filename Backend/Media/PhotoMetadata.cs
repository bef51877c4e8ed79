using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace Backend.Media;

/// <summary>
/// The part of an Exif block (Exif 2.32, a TIFF structure) that people want to keep: when, with what, where. Blocks come from
/// anywhere: every offset is checked, what makes no sense is left out, and nothing is read twice.
/// </summary>
internal readonly ref struct PhotoMetadata
{
    private const int MaxEntries = 500;
    private const int MaxCameraLength = 100;

    private const ushort Make = 0x010F;
    private const ushort Model = 0x0110;
    private const ushort ExifDirectory = 0x8769;
    private const ushort GpsDirectory = 0x8825;
    private const ushort TimeOriginal = 0x9003;
    private const ushort OffsetTimeOriginal = 0x9011;

    private readonly ReadOnlySpan<byte> _tiff;
    private readonly bool _isLittle;

    private PhotoMetadata(ReadOnlySpan<byte> tiff)
    {
        _tiff = tiff;
        _isLittle = tiff is [(byte)'I', (byte)'I', ..];
    }

    /// <param name="exif">The block, with or without its <c>Exif</c> mark; may be empty, and anything.</param>
    /// <param name="withPosition">Whether the position is wanted.</param>
    public static PhotoFacts Read(ReadOnlySpan<byte> exif, bool withPosition)
    {
        var tiff = exif.StartsWith("Exif\0\0"u8) ? exif[6..] : exif;
        return tiff.Length >= 8 && (tiff.StartsWith("II*\0"u8) || tiff.StartsWith("MM\0*"u8))
            ? new PhotoMetadata(tiff).ReadFacts(withPosition)
            : new PhotoFacts(null, null, null);
    }

    private PhotoFacts ReadFacts(bool withPosition)
    {
        var main = U32(4);
        var exif = Number(main, ExifDirectory);
        return new PhotoFacts(
            exif is { } at ? Time(Text(at, TimeOriginal), Text(at, OffsetTimeOriginal)) : null,
            Camera(Text(main, Make), Text(main, Model)),
            withPosition && Number(main, GpsDirectory) is { } gps ? Position(gps) : null);
    }

    /// <summary>RFC 3339; without the camera's time zone where the camera does not say it.</summary>
    private static string? Time(string? local, string? offset)
    {
        if (!DateTime.TryParseExact(
            local, "yyyy:MM:dd HH:mm:ss", CultureInfo.InvariantCulture, DateTimeStyles.None, out var time) || time.Year < 1826)
        {
            return null; // the first photograph is of 1826
        }

        var zone = DateTimeOffset.TryParseExact(
            $"2000-01-01T00:00:00{offset}", "yyyy-MM-ddTHH:mm:sszzz", CultureInfo.InvariantCulture, DateTimeStyles.None, out var known)
            && offset is { Length: 6 }
            ? known.ToString("zzz", CultureInfo.InvariantCulture)
            : "";
        return time.ToString("yyyy-MM-ddTHH:mm:ss", CultureInfo.InvariantCulture) + zone;
    }

    /// <summary>Many makers repeat their name in the model's.</summary>
    private static string? Camera(string? make, string? model)
    {
        var camera = make is null || model?.StartsWith(make, StringComparison.OrdinalIgnoreCase) is true ? model : $"{make} {model}".Trim();
        return camera is { Length: > MaxCameraLength } ? camera[..MaxCameraLength] : camera;
    }

    private PhotoPosition? Position(uint gps)
    {
        if (Degrees(gps, 2) is not { } latitude || Degrees(gps, 4) is not { } longitude
            || Text(gps, 1) is not ("N" or "S") || Text(gps, 3) is not ("E" or "W")
            || latitude > 90 || longitude > 180)
        {
            return null;
        }

        return new PhotoPosition(
            Math.Round(Text(gps, 1) == "S" ? -latitude : latitude, 6), Math.Round(Text(gps, 3) == "W" ? -longitude : longitude, 6));
    }

    /// <summary>Degrees, minutes and seconds, each a fraction.</summary>
    private double? Degrees(uint directory, ushort tag)
    {
        if (Find(directory, tag) is not (5, 3, var entry))
        {
            return null;
        }

        var at = U32(entry + 8);

        double degrees = 0, unit = 1;
        for (var i = 0ul; i < 3; i++, unit *= 60)
        {
            var (above, below) = (U32(at + (8 * i)), U32(at + (8 * i) + 4));
            if (below == 0)
            {
                return null;
            }

            degrees += above / (double)below / unit;
        }

        return degrees;
    }

    private uint? Number(uint directory, ushort tag) =>
        Find(directory, tag) is (4, 1, var entry) ? U32(entry + 8) : null;

    /// <summary>Printable ASCII, trimmed; null when nothing is left.</summary>
    private string? Text(uint directory, ushort tag)
    {
        if (Find(directory, tag) is not (2, var count, var entry) || count is 0 or > 1_000)
        {
            return null;
        }

        var at = count <= 4 ? entry + 8 : U32(entry + 8);
        if (at + (ulong)count > (ulong)_tiff.Length)
        {
            return null;
        }

        var bytes = _tiff.Slice((int)at, (int)count);
        var end = bytes.IndexOf((byte)0);
        var text = Encoding.Latin1.GetString(end < 0 ? bytes : bytes[..end]).Trim();
        return text.Length > 0 && text.All(static c => c is >= ' ' and <= '~') ? text : null;
    }

    private (int Type, uint Count, uint Entry)? Find(uint directory, ushort tag)
    {
        var count = Math.Min(U16(directory), MaxEntries);
        for (var i = 0u; i < count; i++)
        {
            var entry = directory + 2 + (12 * i);
            if (entry + 12 > (ulong)_tiff.Length)
            {
                return null;
            }

            if (U16(entry) == tag)
            {
                return (U16(entry + 2), U32(entry + 4), entry);
            }
        }

        return null;
    }

    /// <summary>Zero beyond the end, which no offset that means something is.</summary>
    private int U16(ulong at) => at + 2 > (ulong)_tiff.Length ? 0
        : _isLittle ? BinaryPrimitives.ReadUInt16LittleEndian(_tiff[(int)at..]) : BinaryPrimitives.ReadUInt16BigEndian(_tiff[(int)at..]);

    private uint U32(ulong at) => at + 4 > (ulong)_tiff.Length ? 0
        : _isLittle ? BinaryPrimitives.ReadUInt32LittleEndian(_tiff[(int)at..]) : BinaryPrimitives.ReadUInt32BigEndian(_tiff[(int)at..]);
}

/// <param name="TakenAt">RFC 3339, without an offset where the camera states none.</param>
/// <param name="Camera">Maker and model.</param>
/// <param name="Position">Where.</param>
internal sealed record PhotoFacts(string? TakenAt, string? Camera, PhotoPosition? Position);

/// <param name="Latitude">Degrees, north positive.</param>
/// <param name="Longitude">Degrees, east positive.</param>
internal sealed record PhotoPosition(double Latitude, double Longitude);
