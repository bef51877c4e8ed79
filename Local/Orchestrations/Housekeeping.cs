using Microsoft.Extensions.Options;

namespace Local.Orchestrations;

/// <summary>
/// Purges what ended long ago, notices what another process on the same data has started, and answers those that ask
/// whether this engine is still there.
/// </summary>
internal sealed partial class Housekeeping(
    OrchestrationStore store,
    EngineLease lease,
    WakeUps wakeUps,
    IOptions<OrchestrationOptions> options,
    TimeProvider time,
    ILogger<Housekeeping> logger)
{
    /// <summary>Bounds how long one purge holds the writer.</summary>
    private const int BatchSize = 100;

    private static readonly TimeSpan PurgeEvery = TimeSpan.FromHours(1);

    /// <summary>Everything in this process comes with a signal; only another process' starts wait for this.</summary>
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(10);

    /// <summary>Often enough to answer in time.</summary>
    private TimeSpan Period => options.Value.TakeOverAfter / 3 is var third && third < LookEvery ? third : LookEvery;

    public async Task RunAsync(CancellationToken stopping)
    {
        using var timer = new PeriodicTimer(Period, time);
        var nextPurge = time.GetUtcNow();
        do
        {
            await lease.KeepAsync(stopping);
            store.FindReady().ForEach(wakeUps.Instances.Add);
            if (time.GetUtcNow() >= nextPurge)
            {
                nextPurge = time.GetUtcNow() + PurgeEvery;
                await PurgeAsync(stopping);
            }
        }
        while (await timer.WaitForNextTickAsync(stopping));
    }

    private async Task PurgeAsync(CancellationToken ct)
    {
        var before = time.GetUtcNow() - options.Value.KeepEnded;
        var total = 0;
        int purged;
        do
        {
            purged = await store.PurgeAsync(before, BatchSize, ct);
            total += purged;
        }
        while (purged == BatchSize);

        if (total > 0)
        {
            Log.Purged(logger, total, before);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "Purged {Count} instances that ended before {Before}")]
        public static partial void Purged(ILogger logger, int count, DateTimeOffset before);
    }
}
