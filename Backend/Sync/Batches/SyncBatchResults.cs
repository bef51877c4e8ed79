using Backend.Media;
using Backend.Records;

namespace Backend.Sync.Batches;

/// <summary>The results of a batch's chunks, one after the other; a chunk without lines has none.</summary>
internal sealed class SyncBatchResults(IMediaStore files, string user, RecordId batch, int chunks) : Stream
{
    private int _next;
    private Stream? _part;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (true)
        {
            if (_part is not null && await _part.ReadAsync(buffer, cancellationToken) is > 0 and var read)
            {
                return read;
            }

            if (_part is not null)
            {
                await _part.DisposeAsync();
                _part = null;
            }

            if (_next == chunks)
            {
                return 0;
            }

            _part = await files.OpenReadAsync(BlobName.ForBatchResults(user, batch, _next++), null, cancellationToken);
        }
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("It is read asynchronously.");

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _part?.Dispose();
        }

        base.Dispose(disposing);
    }
}
