namespace Local.Hosting;

/// <summary>
/// The folder that holds everything the embedded host keeps. One process at a time: the operating system holds the lock
/// and gives it back however the process ends.
/// </summary>
internal sealed class DataFolder : IDisposable
{
    private readonly FileStream _lock;

    /// <exception cref="StartupException">The folder cannot be written, or another process uses it.</exception>
    public DataFolder(string path)
    {
        Root = Path.GetFullPath(path);
        try
        {
            CreatePrivately(Root);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw NotWritable(exception);
        }

        try
        {
            _lock = new FileStream(Path.Combine(Root, "lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (UnauthorizedAccessException exception)
        {
            throw NotWritable(exception);
        }
        catch (IOException exception)
        {
            throw new StartupException(
                $"The data folder {Root} is in use by another process, or cannot be locked ({exception.Message}). Stop it, or choose another folder with --data.");
        }
    }

    public string Root { get; }

    public string Database => Path.Combine(Root, "backend.db");

    public string Blobs => Path.Combine(Root, "blobs");

    /// <summary>A file of this folder that only its owner may read.</summary>
    private void WriteSecret(string name, string content)
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        using var writer = new StreamWriter(Path.Combine(Root, name), options);
        writer.Write(content);
    }

    /// <summary>The content of a secret, made by <paramref name="create"/> at the first start.</summary>
    public string ReadOrCreateSecret(string name, Func<string> create)
    {
        var path = Path.Combine(Root, name);
        if (File.Exists(path) && File.ReadAllText(path) is { Length: > 0 } secret)
        {
            return secret;
        }

        File.Delete(path); // an empty one: the first start was killed while it wrote
        WriteSecret(name, create());
        return File.ReadAllText(path);
    }

    public void Dispose() => _lock.Dispose();

    /// <summary>What lies in it is nobody else's business on a shared machine.</summary>
    private static void CreatePrivately(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(path);
        }
        else
        {
            Directory.CreateDirectory(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }

    private StartupException NotWritable(Exception exception) =>
        new($"The data folder {Root} cannot be written ({exception.Message}). Choose another with --data.");
}
