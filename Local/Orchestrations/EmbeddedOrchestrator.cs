namespace Local.Orchestrations;

/// <summary>
/// Runs orchestrations inside this process. All state is in the database: a start of the engine takes up whatever is
/// found there, be it after a clean stop, a crash, or an error that made this class start its parts anew.
/// </summary>
internal sealed partial class EmbeddedOrchestrator(
    OrchestrationStore store,
    StepWorker steps,
    ActivityWorker activities,
    TimerWorker timers,
    Housekeeping housekeeping,
    WakeUps wakeUps,
    TimeProvider time,
    ILogger<EmbeddedOrchestrator> logger) : BackgroundService
{
    private static readonly TimeSpan LockRetry = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan RestartDelay = TimeSpan.FromSeconds(5);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var held = await TakeLockAsync(stoppingToken);
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await RunAsync(stoppingToken);
            }
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
            {
                // The database failed (disk full, I/O error). Go on from what it holds, as after a crash.
                Log.EngineFailed(logger, exception, RestartDelay);
                await Task.Delay(RestartDelay, time, stoppingToken);
            }
        }
    }

    private async Task<EngineLock> TakeLockAsync(CancellationToken stopping)
    {
        var file = store.File;
        for (var warned = false; ; warned = true)
        {
            if (EngineLock.TryTake(file, out var taken) is { } held)
            {
                return held;
            }

            if (!warned)
            {
                Log.LockTaken(logger, taken, file);
            }

            await Task.Delay(LockRetry, time, stopping);
        }
    }

    private async Task RunAsync(CancellationToken stopping)
    {
        wakeUps.Instances.Clear();
        if (store.CountRunning() is var found and > 0)
        {
            Log.Recovered(logger, found);
        }

        // Housekeeping's first look brings in the instances that have messages.
        using var all = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        Task[] parts =
        [
            housekeeping.RunAsync(all.Token),
            timers.RunAsync(all.Token),
            activities.RunAsync(all.Token),
            steps.RunAsync(all.Token),
        ];
        await Task.WhenAny(parts);
        await all.CancelAsync();
        await Task.WhenAll(parts);
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "Recovered {Count} instances that had not ended")]
        public static partial void Recovered(ILogger logger, int count);

        [LoggerMessage(2, LogLevel.Warning,
            "Another process runs the orchestrations of {Database}; this one waits to take over")]
        public static partial void LockTaken(ILogger logger, Exception? exception, string database);

        [LoggerMessage(3, LogLevel.Error, "The engine failed and starts anew in {Delay}")]
        public static partial void EngineFailed(ILogger logger, Exception exception, TimeSpan delay);
    }
}
