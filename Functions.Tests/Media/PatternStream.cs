namespace Functions.Tests.Media;

/// <summary>
/// Reproducible bytes of any length that are never in memory whole; it cannot seek, like a request's body. It can break
/// off with an error before its end.
/// </summary>
internal sealed class PatternStream(long length, int seed = 0, long failsAt = long.MaxValue) : Stream
{
    private long _position;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>A range of what the stream of this seed holds.</summary>
    public static byte[] Bytes(int seed, long offset, int count)
    {
        var bytes = new byte[count];
        for (var i = 0; i < count; i++)
        {
            bytes[i] = At(seed, offset + i);
        }

        return bytes;
    }

    /// <summary>Reads a stream to its end, failing at the first byte that differs.</summary>
    public static async Task<long> VerifyAsync(Stream stream, int seed, CancellationToken ct)
    {
        var buffer = new byte[64 * 1024];
        var position = 0L;
        while (await stream.ReadAsync(buffer, ct) is > 0 and var read)
        {
            if (!buffer.AsSpan(0, read).SequenceEqual(Bytes(seed, position, read)))
            {
                Assert.Fail($"The bytes from {position} to {position + read} differ.");
            }

            position += read;
        }

        return position;
    }

    public override int Read(Span<byte> buffer)
    {
        if (_position >= failsAt)
        {
            throw new IOException("The sender went away.");
        }

        var count = (int)Math.Min(buffer.Length, Math.Min(length, failsAt) - _position);
        for (var i = 0; i < count; i++)
        {
            buffer[i] = At(seed, _position + i);
        }

        _position += count;
        return count;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        await Task.Yield();
        return Read(buffer.Span);
    }

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    private static byte At(int seed, long position) => (byte)((position * 31) ^ (position >> 8) ^ (position >> 16) ^ seed);
}
