using System.Buffers.Binary;

namespace Backend.Media;

/// <summary>
/// Whether a file is there to its end. Decoders show what they got of a file that was cut short, with the rest left
/// grey or clear, or without the last frames; the engines' promise is to refuse it. The formats tell where they end, so that walking through their
/// blocks finds out without decoding.
/// </summary>
internal static class FileIntegrity
{
    public static bool IsComplete(ReadOnlySpan<byte> file, ImageFormat format) => format switch
    {
        ImageFormat.Jpeg => IsJpegComplete(file),
        ImageFormat.Png => IsPngComplete(file),
        ImageFormat.WebP => IsWebpComplete(file),
        ImageFormat.Gif => IsGifComplete(file),
        _ => true, // TIFF says where everything is, and its decoder misses what is not there
    };

    private static bool IsPngComplete(ReadOnlySpan<byte> file)
    {
        for (long at = 8; at + 12 <= file.Length;)
        {
            var chunk = file[(int)at..];
            if (chunk[4..].StartsWith("IEND"u8))
            {
                return true;
            }

            at += 12L + BinaryPrimitives.ReadUInt32BigEndian(chunk);
        }

        return false;
    }

    private static bool IsWebpComplete(ReadOnlySpan<byte> file)
    {
        var end = 8L + BinaryPrimitives.ReadUInt32LittleEndian(file[4..]);
        if (end > file.Length)
        {
            return false;
        }

        long at = 12;
        while (at + 8 <= end)
        {
            var length = BinaryPrimitives.ReadUInt32LittleEndian(file[((int)at + 4)..]);
            at += 8L + length + (length & 1);
        }

        return at >= end && at <= end + 1; // some writers leave the last padding byte out of the count
    }

    private static bool IsGifComplete(ReadOnlySpan<byte> file)
    {
        var at = 13;
        if (file.Length <= at)
        {
            return false;
        }

        at += ColourTable(file[10]);
        while (at < file.Length)
        {
            switch (file[at])
            {
                case 0x3B:
                    return true;
                case 0x2C when at + 9 < file.Length:
                    at += 11 + ColourTable(file[at + 9]);
                    break;
                case 0x21:
                    at += 2;
                    break;
                default:
                    return false;
            }

            while (at < file.Length && file[at] != 0)
            {
                at += file[at] + 1;
            }

            at++;
        }

        return false;
    }

    private static int ColourTable(byte flags) => (flags & 0x80) == 0 ? 0 : 3 << ((flags & 7) + 1);

    /// <summary>
    /// From marker to marker until the end of the image. Within picture data 0xFF is always followed by a zero, a
    /// restart in its turn, or the marker that ends the data; anything else is damage.
    /// </summary>
    private static bool IsJpegComplete(ReadOnlySpan<byte> file)
    {
        var at = 2;
        var scans = 0;
        while (TryReadMarker(file, ref at, out var marker))
        {
            if (marker == 0xD9)
            {
                return scans > 0;
            }

            // Frames and their like stand before the first scan; between scans come tables, comments and the next scan.
            if (at + 2 > file.Length || (scans > 0 && marker is not (0xC4 or >= 0xDA and <= 0xDD or >= 0xE0 and <= 0xEF or 0xFE)))
            {
                return false;
            }

            at += BinaryPrimitives.ReadUInt16BigEndian(file[at..]);
            if (marker == 0xDA)
            {
                scans++;
                if (!TrySkipScan(file, ref at))
                {
                    return false;
                }
            }
        }

        return false;
    }

    private static bool TryReadMarker(ReadOnlySpan<byte> file, ref int at, out byte marker)
    {
        marker = 0;
        var from = at;
        while (at < file.Length && file[at] == 0xFF)
        {
            at++; // fill bytes
        }

        if (at == from || at >= file.Length)
        {
            return false;
        }

        marker = file[at++];
        return marker != 0;
    }

    private static bool TrySkipScan(ReadOnlySpan<byte> file, ref int at)
    {
        for (var restarts = 0; at < file.Length;)
        {
            var next = file[at..].IndexOf((byte)0xFF);
            if (next < 0 || at + next + 1 >= file.Length)
            {
                return false;
            }

            at += next;
            switch (file[at + 1])
            {
                case 0:
                    at += 2;
                    break;
                case >= 0xD0 and <= 0xD7 when (file[at + 1] & 7) == (restarts++ & 7):
                    at += 2;
                    break;
                case >= 0xD0 and <= 0xD7:
                    return false;
                default:
                    return true; // the caller reads the marker, fill bytes before it or not
            }
        }

        return false;
    }
}
