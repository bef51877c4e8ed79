namespace Local.Orchestrations;

/// <summary>Hands timers to their instances when they are due, and sleeps until the next one.</summary>
internal sealed class TimerWorker(TaskStore store, WakeUps wakeUps, TimeProvider time)
{
    private const int BatchSize = 256;

    /// <summary>
    /// Looks at the clock at least this often: a sleep is measured on a clock that stands still while the machine
    /// sleeps and does not follow when the time is set.
    /// </summary>
    private static readonly TimeSpan LongestSleep = TimeSpan.FromMinutes(1);

    public async Task RunAsync(CancellationToken stopping)
    {
        while (true)
        {
            var changed = wakeUps.Timers.Next;
            var next = store.NextTimer();
            var now = time.GetUtcNow();
            if (next <= now)
            {
                var fired = await store.FireTimersAsync(now, BatchSize, stopping);
                fired.ForEach(wakeUps.Instances.Add);
                continue;
            }

            await SleepAsync(next - now, changed, stopping);
        }
    }

    private async Task SleepAsync(TimeSpan? untilNext, Task changed, CancellationToken stopping)
    {
        var longest = untilNext < LongestSleep ? untilNext.Value : LongestSleep;
        // Timers take whole milliseconds, rounded down: without this the last one would be spent in a busy loop.
        longest += TimeSpan.FromMilliseconds(1);
        using var awake = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        await Task.WhenAny(changed, Task.Delay(longest, time, awake.Token));
        await awake.CancelAsync();
        stopping.ThrowIfCancellationRequested();
    }
}
