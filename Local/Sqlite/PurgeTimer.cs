using Backend.Records;
using Microsoft.Extensions.Options;

namespace Local.Sqlite;

/// <summary>Purges at the start of the host and at intervals from then on. A purge that fails is made up for by the next.</summary>
internal sealed partial class PurgeTimer(
    PurgeExpired purge, IOptions<RetentionOptions> options, TimeProvider time, ILogger<PurgeTimer> logger) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMinutes(options.Value.PurgeMinutes), time);
        do
        {
            try
            {
                await purge.ExecuteAsync(stoppingToken);
            }
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
            {
                LogFailed(exception);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    [LoggerMessage(LogLevel.Error, "What has expired could not be purged")]
    private partial void LogFailed(Exception exception);
}
