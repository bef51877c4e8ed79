using Backend.Records;
using Local.Hosting;
using Microsoft.Extensions.Options;

namespace Local.Sqlite;

/// <summary>Purges at the start of the host and at intervals from then on. A purge that fails is made up for by the next.</summary>
internal sealed partial class PurgeTimer(
    PurgeExpired purge, IOptions<RetentionOptions> options, TimeProvider time, ILogger<PurgeTimer> logger) : EndingService
{
    protected override async Task RunAsync(CancellationToken stopping)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMinutes(options.Value.PurgeMinutes), time);
        do
        {
            try
            {
                await purge.ExecuteAsync(stopping);
            }
            catch (Exception exception) when (!stopping.IsCancellationRequested)
            {
                LogFailed(exception);
            }
        }
        while (await timer.WaitForNextTickAsync(stopping));
    }

    [LoggerMessage(LogLevel.Error, "What has expired could not be purged")]
    private partial void LogFailed(Exception exception);
}
