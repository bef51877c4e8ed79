using Backend.Media;

namespace Local.Blobs;

/// <summary>
/// The embedded host's blob trigger: delivers every upload to <see cref="ReceiveUpload"/>, in order, at least once, also
/// those of before a crash.
/// </summary>
internal sealed partial class UploadEvents(
    BlobCatalog catalog, FileMediaStore store, BlobBlocks blocks, UploadSignal signal, ReceiveUpload receive, TimeProvider time,
    ILogger<UploadEvents> logger) : BackgroundService
{
    private const int BatchSize = 100;

    private static readonly TimeSpan RetryDelay = TimeSpan.FromSeconds(5);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var isTidy = false;
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await DeliverAsync(stoppingToken);
                if (!isTidy)
                {
                    await blocks.RemoveAbandonedAsync(stoppingToken);
                    store.RemoveOrphans();
                    isTidy = true; // what a crash leaves behind comes at most once a start
                }

                await signal.WaitAsync(stoppingToken);
            }
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
            {
                LogFailed(exception, RetryDelay);
                await Task.Delay(RetryDelay, time, stoppingToken);
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    private async Task DeliverAsync(CancellationToken ct)
    {
        while (catalog.PendingEvents(BatchSize) is { Count: > 0 } batch)
        {
            foreach (var uploaded in batch)
            {
                await receive.ExecuteAsync(uploaded.Path, ct);
                await catalog.CompleteEventAsync(uploaded, ct);
            }
        }
    }

    [LoggerMessage(LogLevel.Error, "Uploads could not be handed on; trying again in {Delay}")]
    private partial void LogFailed(Exception exception, TimeSpan delay);
}
