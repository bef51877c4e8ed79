using Backend.Changes;
using Backend.Media;
using Backend.Orchestrations;
using Local.Hosting;
using Microsoft.Extensions.Options;

namespace Local.Blobs;

/// <summary>
/// The embedded host's blob trigger: delivers every upload to <see cref="ReceiveUpload"/>, at least once, also those of
/// before a crash. One that fails is tried again after growing pauses; the others do not wait for it.
/// </summary>
internal sealed partial class UploadEvents(
    BlobCatalog catalog,
    FileMediaStore store,
    BlobBlocks blocks,
    UploadSignal signal,
    ReceiveUpload receive,
    IOptions<ChangeOptions> options,
    TimeProvider time,
    ILogger<UploadEvents> logger) : EndingService
{
    private const int BatchSize = 100;

    private readonly RetryPolicy _retry = new(
        1, TimeSpan.FromSeconds(options.Value.RetrySeconds), MaxDelay: TimeSpan.FromSeconds(options.Value.MaxRetrySeconds));

    protected override async Task RunAsync(CancellationToken stopping)
    {
        var isTidy = false;
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                if (!isTidy)
                {
                    await catalog.ResumeEventsAsync(stopping);
                }

                await DeliverAsync(stopping);
                if (!isTidy)
                {
                    await blocks.RemoveAbandonedAsync(stopping);
                    store.RemoveOrphans();
                    isTidy = true; // what a crash leaves behind comes at most once a start
                }

                await signal.WaitAsync(UntilNext(), stopping);
            }
            catch (Exception exception) when (!stopping.IsCancellationRequested)
            {
                var pause = _retry.DelayAfter(1);
                LogFailed(exception, pause);
                await Task.Delay(pause, time, stopping);
            }
        }
    }

    private async Task DeliverAsync(CancellationToken ct)
    {
        while (catalog.DueEvents(time.GetUtcNow(), BatchSize) is { Count: > 0 } batch)
        {
            foreach (var uploaded in batch)
            {
                await DeliverAsync(uploaded, ct);
            }
        }
    }

    private async Task DeliverAsync(UploadEvent uploaded, CancellationToken ct)
    {
        try
        {
            await receive.ExecuteAsync(uploaded.Path, ct);
        }
        catch (Exception exception) when (!ct.IsCancellationRequested)
        {
            var pause = _retry.DelayAfter(uploaded.Failures + 1);
            LogPostponed(exception, uploaded.Path, pause);
            await catalog.PostponeEventAsync(uploaded, time.GetUtcNow() + pause, ct);
            return;
        }

        await catalog.CompleteEventAsync(uploaded, ct);
    }

    private TimeSpan? UntilNext()
    {
        var until = catalog.NextEventAt() - time.GetUtcNow();
        return until < TimeSpan.Zero ? TimeSpan.Zero : until;
    }

    [LoggerMessage(LogLevel.Error, "The upload {Path} could not be handed on; trying again in {Delay}")]
    private partial void LogPostponed(Exception exception, string path, TimeSpan delay);

    [LoggerMessage(LogLevel.Error, "Uploads could not be handed on; trying again in {Delay}")]
    private partial void LogFailed(Exception exception, TimeSpan delay);
}
