namespace Functions.Tests.Fixtures;

/// <summary>A folder of a test's own, removed with it.</summary>
public sealed class TempFolder : IDisposable
{
    /// <summary>
    /// In memory where there is such a place (Linux), for what writes much and asks nothing of the disk: a killed process
    /// loses no more than one on a disk does.
    /// </summary>
    public static TempFolder InMemory() => new(Directory.Exists("/dev/shm") ? "/dev/shm" : System.IO.Path.GetTempPath());

    public TempFolder()
        : this(System.IO.Path.GetTempPath())
    {
    }

    private TempFolder(string parent) =>
        Path = Directory.CreateDirectory(System.IO.Path.Combine(parent, $"backend-test-{Guid.NewGuid():n}")).FullName;

    public string Path { get; }

    public string File(string name) => System.IO.Path.Combine(Path, name);

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
