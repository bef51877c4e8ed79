using System.Text;
using Backend.Sync.Batches;

namespace Functions.Tests.Sync;

/// <summary>Lines of a file, whatever their ends, and wherever the stream is cut.</summary>
public sealed class SyncBatchLinesTests
{
    private const int MaxLine = 10;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("", "")]
    [InlineData("a", "a@0-1")]
    [InlineData("a\n", "a@0-2")]
    [InlineData("a\nb", "a@0-2 b@2-3")]
    [InlineData("a\r\nb\r\n", "a@0-3 b@3-6")]
    [InlineData("a\n\n \t\r\nb\n", "a@0-2 @2-3 @3-7 b@7-9")]
    [InlineData("\uFEFFa\n\uFEFFb\n", "a@0-5 \uFEFFb@5-10")]
    [InlineData("  a b \n", "a b@0-7")]
    [InlineData("1234567890\n", "1234567890@0-11")]
    [InlineData("12345678901\nb\n", "?@0-12 b@12-14")]
    [InlineData("123456789012345678901234567890\nb", "?@0-31 b@31-32")]
    [InlineData("b\n123456789012345678901234567890", "b@0-2 ?@2-32")]
    public async Task Every_line_is_there_with_its_place(string file, string expected)
    {
        foreach (var piece in new[] { 1, 3, 1000 })
        {
            Assert.Equal(expected, string.Join(' ', await ReadAsync(Encoding.UTF8.GetBytes(file), piece)));
        }
    }

    [Fact]
    public async Task Reading_goes_on_from_any_line()
    {
        var file = Encoding.UTF8.GetBytes("first\nsecond\nthird");
        var lines = new SyncBatchLines(new MemoryStream(file, 6, file.Length - 6), MaxLine, offset: 6);

        var line = await lines.ReadAsync(Ct);

        Assert.NotNull(line);
        Assert.Equal(("second", 6, 13), (TextOf(line), line.Start, line.End));
    }

    private static async Task<List<string>> ReadAsync(byte[] file, int piece)
    {
        var lines = new SyncBatchLines(new Pieces(file, piece), MaxLine);
        var read = new List<string>();
        while (await lines.ReadAsync(Ct) is { } line)
        {
            read.Add($"{TextOf(line)}@{line.Start}-{line.End}");
        }

        return read;
    }

    private static string TextOf(SyncBatchLine line) => line.Text is { } text ? Encoding.UTF8.GetString(text.Span) : "?";

    /// <summary>Gives no more than so many bytes at a time, as networks do.</summary>
    private sealed class Pieces(byte[] content, int piece) : MemoryStream(content)
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            base.ReadAsync(buffer[..Math.Min(piece, buffer.Length)], cancellationToken);
    }
}
