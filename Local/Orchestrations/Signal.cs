namespace Local.Orchestrations;

/// <summary>
/// Wakes those who wait for a change. Take <see cref="Next"/> before looking at what may have changed, and await it
/// after: a change in between is then not missed.
/// </summary>
internal sealed class Signal
{
    private TaskCompletionSource _next = Create();

    public Task Next => Volatile.Read(ref _next).Task;

    public void Set() => Interlocked.Exchange(ref _next, Create()).SetResult();

    private static TaskCompletionSource Create() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
