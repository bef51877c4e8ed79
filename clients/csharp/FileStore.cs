using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace SyncClient;

/// <summary>
/// A store in one file that only grows: a line for each commit, with a hash, so that a line which a crash cut off is known as
/// such. The file is written anew when most of it is of no use any more.
/// </summary>
public sealed class FileStore(string path) : ILocalStore, IDisposable
{
    private const int HashLength = 16;

    private readonly Dictionary<string, string> _values = new(StringComparer.Ordinal);
    private FileStream? _file;
    private long _live;

    /// <summary>The bytes that may be of no use before the file is written anew. Default: 1 MiB, and half of the file.</summary>
    public int Slack { get; init; } = 1_048_576;

    /// <exception cref="InvalidDataException">The file is damaged elsewhere than at its end, which no crash does.</exception>
    public IReadOnlyDictionary<string, string> Load()
    {
        Dispose();
        _values.Clear();
        _file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read);
        var bytes = new byte[_file.Length];
        _file.ReadExactly(bytes);
        _file.SetLength(Read(bytes)); // what is behind was never committed
        _file.Position = _file.Length;
        _live = _values.Sum(value => SizeOf(value.Key, value.Value));
        return _values;
    }

    public void Commit(IReadOnlyDictionary<string, string?> changes)
    {
        if (_file is null)
        {
            throw new InvalidOperationException("Load comes first.");
        }

        try
        {
            _file.Write(LineOf(changes));
            _file.Flush(flushToDisk: true);
        }
        catch
        {
            Dispose(); // part of a line may be there, behind which nothing must be written
            throw;
        }

        Apply(changes);
        if (_file.Length - _live > Math.Max(Slack, _file.Length / 2))
        {
            Compact();
        }
    }

    public void Dispose()
    {
        _file?.Dispose();
        _file = null;
    }

    /// <returns>The length of what is whole.</returns>
    private long Read(byte[] bytes)
    {
        var start = 0;
        while (Array.IndexOf(bytes, (byte)'\n', start) is var end and >= 0)
        {
            if (ChangesOf(bytes.AsSpan(start, end - start)) is not { } changes)
            {
                return end == bytes.Length - 1 ? start : throw new InvalidDataException($"{path} is damaged at byte {start}.");
            }

            Apply(changes);
            start = end + 1;
        }

        return start;
    }

    private void Apply(IReadOnlyDictionary<string, string?> changes)
    {
        foreach (var (key, value) in changes)
        {
            if (_values.Remove(key, out var before))
            {
                _live -= SizeOf(key, before);
            }

            if (value is not null)
            {
                _values[key] = value;
                _live += SizeOf(key, value);
            }
        }
    }

    /// <summary>Written beside and flushed before it takes the name: renaming is atomic.</summary>
    private void Compact()
    {
        var next = new FileStream(path + ".next", FileMode.Create, FileAccess.ReadWrite, FileShare.Read);
        next.Write(LineOf(_values.ToDictionary(value => value.Key, value => (string?)value.Value)));
        next.Flush(flushToDisk: true);
        File.Move(next.Name, path, overwrite: true);
        _file!.Dispose(); // Commit has looked
        _file = next;
        next.Flush(flushToDisk: true); // the new name, too, on file systems that keep a journal
    }

    private static byte[] LineOf(IReadOnlyDictionary<string, string?> changes)
    {
        // JSON has no line feed that is not escaped, so that a line ends where it ends.
        var text = Encoding.UTF8.GetBytes(new JsonObject(
            changes.Select(change => KeyValuePair.Create(change.Key, (JsonNode?)change.Value))).ToJsonString());
        return [.. Encoding.UTF8.GetBytes(HashOf(text)), .. text, (byte)'\n'];
    }

    private static Dictionary<string, string?>? ChangesOf(ReadOnlySpan<byte> line) =>
        line.Length > HashLength && line[..HashLength].SequenceEqual(Encoding.UTF8.GetBytes(HashOf(line[HashLength..])))
            ? JsonNode.Parse(line[HashLength..])!.AsObject().ToDictionary(change => change.Key, change => (string?)change.Value) // written above
            : null;

    private static string HashOf(ReadOnlySpan<byte> text) => Convert.ToHexStringLower(SHA256.HashData(text))[..HashLength];

    private static long SizeOf(string key, string value) => key.Length + value.Length;
}
