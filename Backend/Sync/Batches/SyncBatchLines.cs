using System.Buffers;
using System.IO.Pipelines;

namespace Backend.Sync.Batches;

/// <summary>Reads a file line by line in bounded memory: of a line that is too long nothing is kept.</summary>
internal sealed class SyncBatchLines(Stream content, int maxLineBytes, long offset = 0)
{
    private static readonly StreamPipeReaderOptions Options = new(bufferSize: 64 * 1024, leaveOpen: true);

    private readonly PipeReader _reader = PipeReader.Create(content, Options);

    /// <summary>Where the next line begins, in bytes.</summary>
    private long _offset = offset;

    /// <summary>The next line; null at the end of the file.</summary>
    public async ValueTask<SyncBatchLine?> ReadAsync(CancellationToken ct)
    {
        var start = _offset;
        var isTooLong = false;
        var seen = 0L; // bytes in the buffer in which no end of a line was found
        while (true)
        {
            var result = await _reader.ReadAsync(ct);
            var buffer = result.Buffer;
            if (buffer.Slice(seen).PositionOf((byte)'\n') is { } end)
            {
                var text = buffer.Slice(0, end);
                _offset += text.Length + 1;
                var line = Line(text);
                _reader.AdvanceTo(buffer.GetPosition(1, end));
                return line;
            }

            if (result.IsCompleted)
            {
                _offset += buffer.Length;
                var last = buffer.IsEmpty && !isTooLong ? null : Line(buffer);
                _reader.AdvanceTo(buffer.End);
                return last;
            }

            if (isTooLong || buffer.Length > maxLineBytes)
            {
                isTooLong = true;
                _offset += buffer.Length;
                seen = 0;
                _reader.AdvanceTo(buffer.End);
            }
            else
            {
                seen = buffer.Length;
                _reader.AdvanceTo(buffer.Start, buffer.End);
            }
        }

        SyncBatchLine Line(ReadOnlySequence<byte> text) => new(
            start, _offset, isTooLong || text.Length > maxLineBytes ? (ReadOnlyMemory<byte>?)null : Trim(text.ToArray(), start == 0));
    }

    /// <summary>Without the mark that some editors begin a file with, and without the space and the CR that may surround a line.</summary>
    private static ReadOnlyMemory<byte> Trim(byte[] text, bool isFirst)
    {
        ReadOnlySpan<byte> mark = [0xEF, 0xBB, 0xBF];
        var skipped = isFirst && text.AsSpan().StartsWith(mark) ? mark.Length : 0;
        ReadOnlySpan<byte> space = " \t\r"u8;
        var rest = text.AsMemory(skipped);
        var first = rest.Span.IndexOfAnyExcept(space);
        return first < 0 ? ReadOnlyMemory<byte>.Empty : rest[first..(rest.Span.LastIndexOfAnyExcept(space) + 1)];
    }
}

/// <param name="Start">Where it begins in the file, in bytes.</param>
/// <param name="End">Where the next one begins.</param>
/// <param name="Text">What stands on it; null when that is too long.</param>
internal sealed record SyncBatchLine(long Start, long End, ReadOnlyMemory<byte>? Text)
{
    public bool IsBlank => Text is { IsEmpty: true };
}
