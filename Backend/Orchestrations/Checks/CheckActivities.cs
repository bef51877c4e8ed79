using System.Collections.Concurrent;

namespace Backend.Orchestrations.Checks;

/// <summary>How often something was run in this process, for what is to fail a number of times first.</summary>
internal sealed class CheckRuns
{
    /// <summary>More than any suite counts at a time; beyond it counting starts over, so that nothing grows for ever.</summary>
    private const int Most = 10_000;

    private readonly ConcurrentDictionary<string, int> _runs = new(StringComparer.Ordinal);

    public int Count(string key)
    {
        if (_runs.Count >= Most)
        {
            _runs.Clear();
        }

        return _runs.AddOrUpdate(key, 1, static (_, runs) => runs + 1);
    }
}

internal sealed class CheckAddOne : IActivity<int, int>
{
    public static ActivityDefinition<int, int> Definition { get; } =
        new(nameof(CheckAddOne), CheckJsonContext.Default.Int32, CheckJsonContext.Default.Int32);

    public Task<int> RunAsync(int input, CancellationToken ct) => Task.FromResult(input + 1);
}

/// <param name="Key">Whose runs are counted: an instance's id.</param>
/// <param name="Runs">The run that is the first to succeed.</param>
internal sealed record CheckFlakyInput(string Key, int Runs);

/// <summary>Fails until it was run as often as its input says; then tells how often that was.</summary>
internal sealed class CheckFlaky(CheckRuns runs) : IActivity<CheckFlakyInput, int>
{
    public static ActivityDefinition<CheckFlakyInput, int> Definition { get; } =
        new(nameof(CheckFlaky), CheckJsonContext.Default.CheckFlakyInput, CheckJsonContext.Default.Int32);

    public Task<int> RunAsync(CheckFlakyInput input, CancellationToken ct)
    {
        var run = runs.Count(input.Key);
        return run >= input.Runs ? Task.FromResult(run) : throw new IOException($"run {run} of {input.Runs}");
    }
}

/// <summary>Takes as many milliseconds as its input says, or until it is cancelled.</summary>
internal sealed class CheckPause(TimeProvider time) : IActivity<int, int>
{
    public static ActivityDefinition<int, int> Definition { get; } =
        new(nameof(CheckPause), CheckJsonContext.Default.Int32, CheckJsonContext.Default.Int32);

    public async Task<int> RunAsync(int input, CancellationToken ct)
    {
        await Task.Delay(TimeSpan.FromMilliseconds(input), time, ct);
        return input;
    }
}

/// <summary>A string of the length asked for, at most a million.</summary>
internal sealed class CheckRepeat : IActivity<int, string>
{
    public static ActivityDefinition<int, string> Definition { get; } =
        new(nameof(CheckRepeat), CheckJsonContext.Default.Int32, CheckJsonContext.Default.String);

    public Task<string> RunAsync(int input, CancellationToken ct) =>
        Task.FromResult(new string('x', Math.Min(input, 1_000_000)));
}
