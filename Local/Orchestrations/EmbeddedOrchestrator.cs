namespace Local.Orchestrations;

/// <summary>
/// Runs orchestrations inside this process. All state is in the database: a start of the engine takes up whatever is
/// found there, be it after a clean stop, a crash, or an error that made this class start its parts anew.
/// </summary>
internal sealed partial class EmbeddedOrchestrator(
    OrchestrationStore store,
    EngineLease lease,
    EngineFence fence,
    StepWorker steps,
    ActivityWorker activities,
    TimerWorker timers,
    Housekeeping housekeeping,
    WakeUps wakeUps,
    TimeProvider time,
    ILogger<EmbeddedOrchestrator> logger) : BackgroundService
{
    private static readonly TimeSpan RestartDelay = TimeSpan.FromSeconds(5);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            while (!stoppingToken.IsCancellationRequested)
            {
                await TakeTurnAsync(stoppingToken);
            }
        }
        finally
        {
            lease.Release();
        }
    }

    private async Task TakeTurnAsync(CancellationToken stopping)
    {
        try
        {
            await lease.TakeAsync(stopping);
            await RunAsync(stopping);
        }
        catch (Exception exception) when (!stopping.IsCancellationRequested)
        {
            if (fence.IsOver)
            {
                Log.PassedOver(logger);
                lease.Lose();
                return;
            }

            // The database failed (disk full, I/O error). Go on from what it holds, as after a crash.
            Log.EngineFailed(logger, exception, RestartDelay);
            await Task.Delay(RestartDelay, time, stopping);
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
            "Another process has taken over the orchestrations, since this one was silent for too long; it waits its turn")]
        public static partial void PassedOver(ILogger logger);

        [LoggerMessage(3, LogLevel.Error, "The engine failed and starts anew in {Delay}")]
        public static partial void EngineFailed(ILogger logger, Exception exception, TimeSpan delay);
    }
}
