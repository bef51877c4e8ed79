using Backend.Orchestrations;

namespace Functions.Tests.CrashHost;

/// <summary>
/// What activities did, whatever the engine makes of it: one line for every time that one was run, in one file for
/// every process. What was written survives the process.
/// </summary>
internal sealed class Ledger(string folder)
{
    private readonly string _file = Path.Combine(folder, $"ledger-{Guid.NewGuid():n}");
    private readonly Lock _lock = new();

    public void Write(string line)
    {
        lock (_lock)
        {
            File.AppendAllText(_file, $"{line}\n");
        }
    }

    /// <summary>The lines of all processes. One that was killed in the middle of a line has not told its outcome to anybody.</summary>
    public static IReadOnlyList<string> Read(string folder) =>
        [.. Directory.EnumerateFiles(folder, "ledger-*").SelectMany(File.ReadLines)];
}

/// <summary>Gives a number that no other run gives, and leaves it in the ledger with its input.</summary>
internal sealed class Stamp(Ledger ledger) : IActivity<string, Guid>
{
    public static ActivityDefinition<string, Guid> Definition { get; } =
        new("Stamp", LoadJsonContext.Default.String, LoadJsonContext.Default.Guid);

    public Task<Guid> RunAsync(string input, CancellationToken ct)
    {
        var number = Guid.NewGuid();
        ledger.Write($"{input} {number}");
        return Task.FromResult(number);
    }
}
