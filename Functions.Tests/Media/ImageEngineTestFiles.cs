using System.Buffers.Binary;
using System.Text;

namespace Functions.Tests.Media;

/// <summary>Hand-assembled image files, and changes to files that an engine made.</summary>
internal static class ImageEngineTestFiles
{
    /// <summary>What the tests look for in files that must not have it any more.</summary>
    public const string Camera = "SecretCameraName";

    /// <summary>A JPEG with an EXIF block: camera, orientation (1 to 8) and a GPS position.</summary>
    public static byte[] WithExif(byte[] jpeg, int orientation) =>
        WithSegment(jpeg, 0xE1, [.. "Exif\0\0"u8, .. Exif(orientation)]);

    public static byte[] WithProfile(byte[] jpeg, byte[] icc) =>
        WithSegment(jpeg, 0xE2, [.. "ICC_PROFILE\0"u8, 1, 1, .. icc]);

    /// <summary>A JPEG with one more segment right after its start.</summary>
    public static byte[] WithSegment(byte[] jpeg, byte marker, byte[] content)
    {
        var length = content.Length + 2;
        return [0xFF, 0xD8, 0xFF, marker, (byte)(length >> 8), (byte)length, .. content, .. jpeg.AsSpan(2)];
    }

    /// <summary>A JPEG whose header states other dimensions.</summary>
    public static byte[] WithDimensions(byte[] jpeg, int width, int height)
    {
        var forged = (byte[])jpeg.Clone();
        var frame = IndexOfSegment(forged, 0xC0);
        BinaryPrimitives.WriteUInt16BigEndian(forged.AsSpan(frame + 5), (ushort)height);
        BinaryPrimitives.WriteUInt16BigEndian(forged.AsSpan(frame + 7), (ushort)width);
        return forged;
    }

    /// <summary>Offset of a segment's marker.</summary>
    public static int IndexOfSegment(byte[] jpeg, byte marker)
    {
        for (var at = 2; at < jpeg.Length; at += 2 + BinaryPrimitives.ReadUInt16BigEndian(jpeg.AsSpan(at + 2)))
        {
            if (jpeg[at + 1] == marker)
            {
                return at;
            }
        }

        throw new ArgumentException($"The JPEG has no segment {marker:X2}.", nameof(marker));
    }

    /// <summary>A GIF of 2 x 2 pixel frames in one colour each; LZW codes without compression.</summary>
    public static byte[] Gif(int width, int height, int frames)
    {
        using var file = new MemoryStream();
        using var writer = new BinaryWriter(file);
        writer.Write("GIF89a"u8);
        writer.Write((ushort)width);
        writer.Write((ushort)height);
        writer.Write([0x80, 0, 0, 255, 0, 0, 0, 0, 255]); // two colours: red and blue
        for (var frame = 0; frame < frames; frame++)
        {
            writer.Write([0x21, 0xF9, 4, 0, 10, 0, 0, 0]);
            writer.Write([0x2C, 0, 0, 0, 0, 2, 0, 2, 0, 0, 2]);
            // Three-bit codes: clear, two pixels of colour (frame % 2), the same again, end. A third pixel without a
            // clear would be the eighth entry, with which codes grow to four bits.
            var p = frame % 2;
            var codes = 4 | (p << 3) | (p << 6) | (4 << 9) | (p << 12) | (p << 15) | (5 << 18);
            writer.Write([3, (byte)codes, (byte)(codes >> 8), (byte)(codes >> 16), 0]);
        }

        writer.Write((byte)0x3B);
        return file.ToArray();
    }

    /// <summary>An animated WebP whose frames are all the same still one.</summary>
    public static byte[] AnimatedWebP(byte[] still, int width, int height, int frames)
    {
        byte[] frame = [.. U24(0), .. U24(0), .. U24(width - 1), .. U24(height - 1), .. U24(100), 0, .. still.AsSpan(12)];
        byte[] content =
        [
            .. Riff("VP8X"u8, [2, 0, 0, 0, .. U24(width - 1), .. U24(height - 1)]),
            .. Riff("ANIM"u8, [0, 0, 0, 0, 0, 0]),
            .. Enumerable.Repeat(Riff("ANMF"u8, frame), frames).SelectMany(chunk => chunk),
        ];
        return Riff("RIFF"u8, [.. "WEBP"u8, .. content]);
    }

    /// <summary>An uncompressed TIFF in one strip a page.</summary>
    /// <param name="width">Width in pixels.</param>
    /// <param name="height">Height in pixels.</param>
    /// <param name="photometric">1 grey, 2 RGB, 5 CMYK.</param>
    /// <param name="pages">How many times the picture is repeated.</param>
    /// <param name="pixels">Eight bits a channel, row by row.</param>
    public static byte[] Tiff(int width, int height, int photometric, int pages, byte[] pixels)
    {
        var channels = pixels.Length / (width * height);
        var depths = (8 + pixels.Length + 1) & ~1; // of each channel; words lie at even places
        using var file = new MemoryStream();
        using var writer = new BinaryWriter(file);
        writer.Write("II*\0"u8);
        writer.Write(depths + (channels * 2));
        writer.Write(pixels);
        file.Position = depths;
        for (var channel = 0; channel < channels; channel++)
        {
            writer.Write((short)8);
        }

        for (var page = 0; page < pages; page++)
        {
            (int Tag, int Type, int Count, int Value)[] entries =
            [
                (256, 3, 1, width), (257, 3, 1, height), (258, 3, channels, channels > 2 ? depths : channels == 2 ? 0x80008 : 8),
                (259, 3, 1, 1), (262, 3, 1, photometric),
                (273, 4, 1, 8), (277, 3, 1, channels), (278, 3, 1, height), (279, 4, 1, pixels.Length),
                (65000, 3, 1, 7), // a private tag, of which libtiff warns
            ];
            writer.Write((ushort)entries.Length);
            foreach (var (tag, type, count, value) in entries)
            {
                writer.Write((ushort)tag);
                writer.Write((ushort)type);
                writer.Write(count);
                writer.Write(value);
            }

            writer.Write(page == pages - 1 ? 0 : (int)file.Position + 4);
        }

        return file.ToArray();
    }

    private static byte[] Exif(int orientation)
    {
        using var block = new MemoryStream();
        using var writer = new BinaryWriter(block);
        var camera = Encoding.ASCII.GetBytes(Camera + "\0");
        var gps = 8 + 2 + 3 * 12 + 4;
        var text = gps + 2 + 4 * 12 + 4;
        var degrees = text + camera.Length + camera.Length % 2;
        writer.Write("II*\0"u8);
        writer.Write(8);
        writer.Write((ushort)3);
        Entry(writer, 0x0110, 2, camera.Length, text);
        Entry(writer, 0x0112, 3, 1, orientation);
        Entry(writer, 0x8825, 4, 1, gps);
        writer.Write(0);
        writer.Write((ushort)4);
        Entry(writer, 1, 2, 2, 'N');
        Entry(writer, 2, 5, 3, degrees);
        Entry(writer, 3, 2, 2, 'E');
        Entry(writer, 4, 5, 3, degrees);
        writer.Write(0);
        writer.Write(camera);
        block.Position = degrees;
        foreach (var number in (ReadOnlySpan<int>)[48, 1, 51, 1, 29, 1])
        {
            writer.Write(number);
        }

        return block.ToArray();
    }

    private static void Entry(BinaryWriter writer, ushort tag, ushort type, int count, int value)
    {
        writer.Write(tag);
        writer.Write(type);
        writer.Write(count);
        writer.Write(value);
    }

    private static byte[] Riff(ReadOnlySpan<byte> type, byte[] content)
    {
        var length = new byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(length, content.Length);
        return [.. type, .. length, .. content, .. content.Length % 2 == 1 ? new byte[1] : []];
    }

    private static byte[] U24(int value) => [(byte)value, (byte)(value >> 8), (byte)(value >> 16)];
}
