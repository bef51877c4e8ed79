using System.Buffers.Binary;

namespace Functions.Tests.Media;

/// <summary>Finds whether a file has an Exif block that points at GPS tags (Exif 2.32, section 4.6.3).</summary>
internal static class ExifReader
{
    private const ushort GpsPointer = 0x8825;

    public static bool HasGps(ReadOnlySpan<byte> file)
    {
        var start = file.IndexOf("Exif\0\0"u8);
        if (start < 0)
        {
            return false;
        }

        var tiff = file[(start + 6)..];
        var isLittle = tiff[0] == (byte)'I';
        var directory = (int)ReadUInt32(tiff[4..], isLittle);
        var count = ReadUInt16(tiff[directory..], isLittle);
        for (var i = 0; i < count; i++)
        {
            if (ReadUInt16(tiff[(directory + 2 + (12 * i))..], isLittle) == GpsPointer)
            {
                return true;
            }
        }

        return false;
    }

    private static ushort ReadUInt16(ReadOnlySpan<byte> bytes, bool isLittle) =>
        isLittle ? BinaryPrimitives.ReadUInt16LittleEndian(bytes) : BinaryPrimitives.ReadUInt16BigEndian(bytes);

    private static uint ReadUInt32(ReadOnlySpan<byte> bytes, bool isLittle) =>
        isLittle ? BinaryPrimitives.ReadUInt32LittleEndian(bytes) : BinaryPrimitives.ReadUInt32BigEndian(bytes);
}
