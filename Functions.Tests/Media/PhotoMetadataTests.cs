using System.Buffers.Binary;
using System.Text;
using Backend.Media;

namespace Functions.Tests.Media;

public sealed class PhotoMetadataTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void The_useful_part_is_read_in_both_byte_orders_and_with_or_without_the_mark(bool isLittle)
    {
        var block = Block(isLittle, "2026:05:17 08:30:00", "+02:00", "Apple", "iPhone 17", 'S', 'W');

        foreach (var exif in (byte[][])[block, [.. "Exif\0\0"u8, .. block]])
        {
            var facts = PhotoMetadata.Read(exif, withPosition: true);

            Assert.Equal(("2026-05-17T08:30:00+02:00", "Apple iPhone 17"), (facts.TakenAt, facts.Camera));
            Assert.Equal(new PhotoPosition(-48.858333, -2.294444), facts.Position);
            Assert.Null(PhotoMetadata.Read(exif, withPosition: false).Position);
        }
    }

    [Theory]
    [InlineData("2026:05:17 08:30:00", "", "2026-05-17T08:30:00")]
    [InlineData("2026:05:17 08:30:00", "Z", "2026-05-17T08:30:00")]
    [InlineData("2026:05:17 08:30:00", "-11:30", "2026-05-17T08:30:00-11:30")]
    [InlineData("0000:00:00 00:00:00", "+02:00", null)]
    [InlineData("2026-05-17 08:30:00", "+02:00", null)]
    [InlineData("yesterday", "", null)]
    public void Times_that_are_none_are_left_out(string time, string zone, string? expected) =>
        Assert.Equal(expected, PhotoMetadata.Read(Block(true, time, zone, "a", "b", 'N', 'E'), false).TakenAt);

    [Theory]
    [InlineData("Canon", "Canon EOS R5", "Canon EOS R5")]
    [InlineData("Make", "", "Make")]
    [InlineData("", "Model", "Model")]
    [InlineData("", "", null)]
    [InlineData("M\u0001ke", "Model", "Model")]
    public void The_camera_is_told_once(string make, string model, string? expected) =>
        Assert.Equal(expected, PhotoMetadata.Read(Block(true, "x", "", make, model, 'N', 'E'), false).Camera);

    [Fact]
    public void A_block_that_was_damaged_anywhere_is_read_without_harm()
    {
        var block = Block(true, "2026:05:17 08:30:00", "+02:00", "Apple", "iPhone 17", 'N', 'E');
        var random = new Random(7);
        for (var round = 0; round < 20_000; round++)
        {
            var damaged = block[..random.Next(block.Length + 1)];
            for (var change = 0; change < 4 && damaged.Length > 0; change++)
            {
                damaged[random.Next(damaged.Length)] = (byte)(random.Next(3) switch { 0 => 0, 1 => 255, _ => random.Next(256) });
            }

            var facts = PhotoMetadata.Read(damaged, withPosition: true);

            Assert.True(facts.Position is null or { Latitude: >= -90 and <= 90, Longitude: >= -180 and <= 180 });
        }
    }

    /// <summary>A TIFF structure with a main, an Exif and a GPS directory.</summary>
    private static byte[] Block(bool isLittle, string time, string zone, string make, string model, char latitude, char longitude)
    {
        var block = new byte[1024];
        (isLittle ? "II*\0"u8 : "MM\0*"u8).CopyTo(block);
        var data = 512;
        U32(4, 8);
        Directory(8, [(0x010F, 2, Ascii(make)), (0x0110, 2, Ascii(model)), (0x8769, 4, [100]), (0x8825, 4, [200])]);
        Directory(100, [(0x9003, 2, Ascii(time)), (0x9011, 2, Ascii(zone))]);
        Directory(200,
        [
            (1, 2, [latitude, 0]), (2, 5, [48, 1, 51, 1, 30, 1]), (3, 2, [longitude, 0]), (4, 5, [2, 1, 17, 1, 400, 10]),
        ]);
        return block;

        static int[] Ascii(string text) => [.. Encoding.Latin1.GetBytes(text).Select(b => (int)b), 0];

        void Directory(int at, (int Tag, int Type, int[] Values)[] entries)
        {
            U16(at, entries.Length);
            for (var i = 0; i < entries.Length; i++)
            {
                var (tag, type, values) = entries[i];
                var entry = at + 2 + (12 * i);
                U16(entry, tag);
                U16(entry + 2, type);
                U32(entry + 4, type == 5 ? values.Length / 2 : values.Length);
                var size = type == 2 ? 1 : 4;
                var place = size * values.Length <= 4 ? entry + 8 : data;
                if (place == data)
                {
                    U32(entry + 8, data);
                    data += size * values.Length;
                }

                for (var v = 0; v < values.Length; v++)
                {
                    if (size == 1)
                    {
                        block[place + v] = (byte)values[v];
                    }
                    else
                    {
                        U32(place + (4 * v), values[v]);
                    }
                }
            }
        }

        void U16(int at, int value)
        {
            if (isLittle)
            {
                BinaryPrimitives.WriteUInt16LittleEndian(block.AsSpan(at), (ushort)value);
            }
            else
            {
                BinaryPrimitives.WriteUInt16BigEndian(block.AsSpan(at), (ushort)value);
            }
        }

        void U32(int at, int value)
        {
            if (isLittle)
            {
                BinaryPrimitives.WriteInt32LittleEndian(block.AsSpan(at), value);
            }
            else
            {
                BinaryPrimitives.WriteInt32BigEndian(block.AsSpan(at), value);
            }
        }
    }
}
