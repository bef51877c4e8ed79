namespace SyncClient;

/// <summary>A device's disk, as far as the client needs one.</summary>
public interface ILocalStore
{
    /// <summary>What was saved last; null on a new device.</summary>
    byte[]? Load();

    /// <summary>Replaces what is there: after a crash it is either the one or the other, whole.</summary>
    void Save(byte[] state);
}

/// <summary>Keeps the state in one file.</summary>
public sealed class FileStore(string path) : ILocalStore
{
    public byte[]? Load() => File.Exists(path) ? File.ReadAllBytes(path) : null;

    /// <summary>Written beside and flushed before it takes the name: renaming is atomic.</summary>
    public void Save(byte[] state)
    {
        var next = path + ".next";
        using (var file = new FileStream(next, FileMode.Create, FileAccess.Write))
        {
            file.Write(state);
            file.Flush(flushToDisk: true);
        }

        File.Move(next, path, overwrite: true);
    }
}

/// <summary>What came back for a request.</summary>
/// <param name="Status">The HTTP status.</param>
/// <param name="Body">The answer's body.</param>
public sealed record SyncReply(int Status, byte[] Body)
{
    /// <summary>How long the server asks to wait.</summary>
    public TimeSpan? RetryAfter { get; init; }
}
