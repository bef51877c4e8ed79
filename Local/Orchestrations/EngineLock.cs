namespace Local.Orchestrations;

/// <summary>
/// Tells whether an engine of this database is alive: a file next to it, locked by the operating system (flock on Unix,
/// share mode on Windows). The kernel releases it when the process ends, in whatever way, at once, so that nobody has to
/// wait for a lease to expire. Who may write is decided by <see cref="EngineFence"/>, also where files know no locks.
/// </summary>
internal sealed class EngineLock : IDisposable
{
    private readonly FileStream? _file;

    private EngineLock(FileStream? file) => _file = file;

    /// <param name="databaseFile">Empty for a database in memory, which no other process can see.</param>
    /// <param name="taken">Why it cannot be taken now.</param>
    /// <returns>Null while another process holds it.</returns>
    public static EngineLock? TryTake(string databaseFile, out IOException? taken)
    {
        taken = null;
        if (databaseFile.Length == 0)
        {
            return new EngineLock(null);
        }

        try
        {
            return new EngineLock(new FileStream(
                databaseFile + ".orchestrations.lock", FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
        }
        catch (IOException exception)
        {
            taken = exception;
            return null;
        }
    }

    // The file stays: deleting it could take it from under a process that has just opened it to lock it.
    public void Dispose() => _file?.Dispose();
}
