using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Backend.Records;

/// <summary>Removes the records that have expired, in chunks between which writers get their turn.</summary>
public sealed partial class PurgeExpired(IRecordStore store, IOptions<RetentionOptions> options, ILogger<PurgeExpired> logger)
{
    /// <returns>How many records were removed.</returns>
    public async Task<int> ExecuteAsync(CancellationToken ct)
    {
        var limit = options.Value.PurgeBatchSize;
        var total = 0;
        int purged;
        do
        {
            purged = await store.PurgeExpiredAsync(limit, ct);
            total += purged;
        }
        while (purged >= limit);

        if (total > 0)
        {
            LogPurged(total);
        }

        return total;
    }

    [LoggerMessage(LogLevel.Information, "Purged {Count} records that had expired")]
    private partial void LogPurged(int count);
}
