namespace Local.Orchestrations;

/// <summary>
/// The right to run the orchestrations of one database: a file next to it, locked by the operating system (flock on
/// Unix, share mode on Windows). The kernel releases it when the process ends, in whatever way, at once; there is no
/// lease that has to expire, and no process that was paused can believe that it still holds one. On a file system
/// without locks two engines would both run: then the history's key still lets only one of them write each step.
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
