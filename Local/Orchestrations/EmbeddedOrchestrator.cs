using Local.Hosting;

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
    ILogger<EmbeddedOrchestrator> logger) : EndingService
{
    private static readonly TimeSpan RestartDelay = TimeSpan.FromSeconds(5);

    /// <summary>After so long without it a failure is a new one.</summary>
    private static readonly TimeSpan Forget = TimeSpan.FromMinutes(1);

    /// <summary>The last failure, and when it was.</summary>
    private (string Message, long At)? _failure;

    protected override async Task RunAsync(CancellationToken stopping)
    {
        try
        {
            while (!stopping.IsCancellationRequested)
            {
                await TakeTurnAsync(stopping);
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
            await RunPartsAsync(stopping);
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
            LogFailure(exception);
            await Task.Delay(RestartDelay, time, stopping);
        }
    }

    /// <summary>Once: a disk that stays full for a night would fill the log with the same words.</summary>
    private void LogFailure(Exception exception)
    {
        if (_failure is { } last && last.Message == exception.Message && time.GetElapsedTime(last.At) < Forget)
        {
            Log.EngineStillFails(logger, exception.Message);
        }
        else
        {
            Log.EngineFailed(logger, exception, RestartDelay);
        }

        _failure = (exception.Message, time.GetTimestamp());
    }

    private async Task RunPartsAsync(CancellationToken stopping)
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

        [LoggerMessage(3, LogLevel.Error, "The engine failed and starts anew every {Delay} until it can go on; the same failure is not told again")]
        public static partial void EngineFailed(ILogger logger, Exception exception, TimeSpan delay);

        [LoggerMessage(4, LogLevel.Debug, "The engine still fails: {Failure}")]
        public static partial void EngineStillFails(ILogger logger, string failure);
    }
}
