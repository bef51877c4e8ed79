using System.Buffers.Binary;
using System.IO.Compression;

namespace Functions.Tests.Media;

/// <summary>PNG as the tests need it: writes any depth, reads what engines write, all without an image library.</summary>
internal sealed record TestPng(int Width, int Height, int Channels, byte[] Pixels)
{
    private static ReadOnlySpan<byte> Signature => [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A];

    public (byte R, byte G, byte B) At(int x, int y)
    {
        var pixel = Pixels.AsSpan((y * Width + x) * Channels, Channels);
        return Channels < 3 ? (pixel[0], pixel[0], pixel[0]) : (pixel[0], pixel[1], pixel[2]);
    }

    public byte AlphaAt(int x, int y) =>
        Channels % 2 == 1 ? (byte)255 : Pixels[(y * Width + x) * Channels + Channels - 1];

    /// <param name="width">Width in pixels.</param>
    /// <param name="height">Height in pixels.</param>
    /// <param name="channels">1 grey, 2 grey and alpha, 3 colour, 4 colour and alpha.</param>
    /// <param name="sample">The value of a channel at x, y: 0 to 255, or 0 to 65535 when there are 16 bits.</param>
    /// <param name="bits">8 or 16.</param>
    /// <param name="icc">A colour profile to embed.</param>
    public static byte[] Encode(
        int width, int height, int channels, Func<int, int, int, int> sample, int bits = 8, byte[]? icc = null)
    {
        var stride = 1 + width * channels * bits / 8;
        var raw = new byte[stride * height];
        for (var y = 0; y < height; y++)
        {
            var at = y * stride + 1;
            for (var x = 0; x < width; x++)
            {
                for (var c = 0; c < channels; c++)
                {
                    var value = sample(x, y, c);
                    if (bits == 16)
                    {
                        raw[at++] = (byte)(value >> 8);
                    }

                    raw[at++] = (byte)value;
                }
            }
        }

        return Assemble(width, height, bits, channels, Deflate(raw), icc);
    }

    /// <summary>A header that states these dimensions, before hardly any data.</summary>
    public static byte[] Forge(int width, int height) => Assemble(width, height, 8, 3, Deflate(new byte[64]), null);

    /// <summary>An RGB picture of compressed data that somebody else made.</summary>
    public static byte[] Assemble(int width, int height, byte[] data) => Assemble(width, height, 8, 3, data, null);

    /// <summary>With one more chunk, whose checksum is right, after the header.</summary>
    public static byte[] WithChunk(byte[] png, ReadOnlySpan<byte> type, byte[] content)
    {
        const int EndOfHeader = 8 + 25;
        using var chunk = new MemoryStream();
        Chunk(chunk, type, content);
        return [.. png.AsSpan(0, EndOfHeader), .. chunk.ToArray(), .. png.AsSpan(EndOfHeader)];
    }

    public static TestPng Decode(byte[] png)
    {
        Assert.True(png.AsSpan().StartsWith(Signature), "not a PNG");
        var (width, height, channels) = (0, 0, 0);
        using var data = new MemoryStream();
        for (var at = 8; at < png.Length;)
        {
            var length = BinaryPrimitives.ReadInt32BigEndian(png.AsSpan(at));
            var content = png.AsSpan(at + 8, length);
            switch (png.AsSpan(at + 4, 4))
            {
                case var type when type.SequenceEqual("IHDR"u8):
                    width = BinaryPrimitives.ReadInt32BigEndian(content);
                    height = BinaryPrimitives.ReadInt32BigEndian(content[4..]);
                    Assert.Equal((8, 0), (content[8], content[12]));
                    channels = content[9] switch
                    {
                        0 => 1,
                        2 => 3,
                        4 => 2,
                        6 => 4,
                        var other => throw new NotSupportedException($"PNG colour type {other}"),
                    };
                    break;
                case var type when type.SequenceEqual("IDAT"u8):
                    data.Write(content);
                    break;
            }

            at += 12 + length;
        }

        data.Position = 0;
        using var inflate = new ZLibStream(data, CompressionMode.Decompress);
        return new TestPng(width, height, channels, Unfilter(inflate, width * channels, height, channels));
    }

    private static byte[] Unfilter(Stream rows, int stride, int height, int step)
    {
        var pixels = new byte[stride * height];
        var above = new byte[stride];
        for (var y = 0; y < height; y++)
        {
            var filter = rows.ReadByte();
            var row = pixels.AsSpan(y * stride, stride);
            rows.ReadExactly(row);
            for (var x = 0; x < stride; x++)
            {
                int left = x >= step ? row[x - step] : 0, up = above[x], corner = x >= step ? above[x - step] : 0;
                row[x] += (byte)(filter switch
                {
                    0 => 0,
                    1 => left,
                    2 => up,
                    3 => (left + up) / 2,
                    _ => Paeth(left, up, corner),
                });
            }

            row.CopyTo(above);
        }

        return pixels;
    }

    private static int Paeth(int left, int up, int corner)
    {
        var estimate = left + up - corner;
        var (a, b, c) = (Math.Abs(estimate - left), Math.Abs(estimate - up), Math.Abs(estimate - corner));
        return a <= b && a <= c ? left : b <= c ? up : corner;
    }

    private static byte[] Assemble(int width, int height, int bits, int channels, byte[] data, byte[]? icc)
    {
        var header = new byte[13];
        BinaryPrimitives.WriteInt32BigEndian(header, width);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4), height);
        header[8] = (byte)bits;
        header[9] = (byte)(channels switch { 1 => 0, 2 => 4, 3 => 2, _ => 6 });
        using var file = new MemoryStream();
        file.Write(Signature);
        Chunk(file, "IHDR"u8, header);
        if (icc is not null)
        {
            Chunk(file, "iCCP"u8, [.. "profile\0\0"u8, .. Deflate(icc)]);
        }

        Chunk(file, "IDAT"u8, data);
        Chunk(file, "IEND"u8, []);
        return file.ToArray();
    }

    private static void Chunk(MemoryStream file, ReadOnlySpan<byte> type, ReadOnlySpan<byte> content)
    {
        byte[] checkedBytes = [.. type, .. content];
        Span<byte> number = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(number, content.Length);
        file.Write(number);
        file.Write(checkedBytes);
        BinaryPrimitives.WriteUInt32BigEndian(number, Checksum(checkedBytes));
        file.Write(number);
    }

    private static uint Checksum(byte[] bytes)
    {
        var crc = uint.MaxValue;
        foreach (var value in bytes)
        {
            crc ^= value;
            for (var bit = 0; bit < 8; bit++)
            {
                crc = (crc >> 1) ^ ((crc & 1) * 0xEDB88320);
            }
        }

        return ~crc;
    }

    private static byte[] Deflate(byte[] raw)
    {
        using var packed = new MemoryStream();
        using (var deflate = new ZLibStream(packed, CompressionLevel.Fastest))
        {
            deflate.Write(raw);
        }

        return packed.ToArray();
    }
}
