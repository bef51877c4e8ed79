namespace Backend.Media;

/// <summary>What the names of several blobs begin with.</summary>
public readonly record struct BlobPrefix
{
    internal BlobPrefix(string container, string path)
    {
        Container = container;
        Path = path;
    }

    /// <summary>The container that all of them are in.</summary>
    public string Container { get; }

    /// <summary>What their paths begin with; empty for all blobs of the container.</summary>
    public string Path { get; }

    public override string ToString() => $"{Container}/{Path}";
}
