using Backend.Media;

namespace Local.Blobs;

/// <summary>A range of a file.</summary>
internal sealed class PartOfStream : ReadOnlyStream
{
    private readonly FileStream _file;
    private long _left;

    public PartOfStream(FileStream file, BlobRange range)
    {
        _file = file;
        _file.Position = range.Offset;
        _left = range.Length;
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var read = await _file.ReadAsync(buffer[..(int)Math.Min(buffer.Length, _left)], cancellationToken);
        _left -= read;
        return read;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _file.Dispose();
        }

        base.Dispose(disposing);
    }
}
