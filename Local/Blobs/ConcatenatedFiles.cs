namespace Local.Blobs;

/// <summary>Files read one after the other, each open only while it is read.</summary>
internal sealed class ConcatenatedFiles(IReadOnlyList<string> paths) : ReadOnlyStream
{
    private FileStream? _current;
    private int _next;

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (true)
        {
            if (_current is not null && await _current.ReadAsync(buffer, cancellationToken) is var read and > 0)
            {
                return read;
            }

            if (_next == paths.Count)
            {
                return 0;
            }

            _current?.Dispose();
            _current = new FileStream(paths[_next++], new FileStreamOptions { Options = FileOptions.Asynchronous });
        }
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _current?.Dispose();
        }

        base.Dispose(disposing);
    }
}
