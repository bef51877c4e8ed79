using Backend.Azure.Media;
using Backend.Changes;
using Backend.Media;
using Backend.Orchestrations;
using Backend.Records;
using Local.Hosting;
using Microsoft.Extensions.Options;

namespace Local.BlobStorage;

/// <summary>
/// The embedded host's blob trigger on Blob Storage, which tells nobody of uploads: looks at every slot until nothing can
/// come any more, and delivers what it finds to <see cref="ReceiveUpload"/> at least once, whatever happens to this process.
/// </summary>
internal sealed partial class UploadPoller(
    UploadSlots slots, BlobMediaStore store, ReceiveUpload receive, IOptions<UploadPollingOptions> options,
    IOptions<ChangeOptions> changes, TimeProvider time, ILogger<UploadPoller> logger) : EndingService
{
    private const int MaxParallel = 8;

    /// <summary>Bounds what a slot costs that nobody uses, to some 160 requests in all, and what an upload waits, to 5 % of its own time.</summary>
    private const int LooksPerAge = 20;

    private readonly TimeSpan _interval = TimeSpan.FromMilliseconds(options.Value.IntervalMilliseconds);

    private readonly TimeSpan _timeout = TimeSpan.FromSeconds(options.Value.TimeoutSeconds);

    private readonly RetryPolicy _retry = new(
        1, TimeSpan.FromSeconds(changes.Value.RetrySeconds), MaxDelay: TimeSpan.FromSeconds(changes.Value.MaxRetrySeconds));

    private bool _isOut;

    protected override async Task RunAsync(CancellationToken stopping)
    {
        using var timer = new PeriodicTimer(_interval, time);
        do
        {
            try
            {
                await LookAroundAsync(stopping);
                _isOut = false;
            }
            catch (StoreUnavailableException exception)
            {
                if (!_isOut)
                {
                    LogOutage(exception);
                }

                _isOut = true; // told once; the readiness probe tells it as long as it lasts
            }
            catch (Exception exception) when (!stopping.IsCancellationRequested)
            {
                LogFailed(exception, _interval);
            }
        }
        while (await timer.WaitForNextTickAsync(stopping));
    }

    private Task LookAroundAsync(CancellationToken ct) => Parallel.ForEachAsync(
        slots.Due(time.GetUtcNow()),
        new ParallelOptions { MaxDegreeOfParallelism = MaxParallel, CancellationToken = ct },
        async (slot, token) => await LookAsync(slot, token));

    private async Task LookAsync(UploadSlot slot, CancellationToken ct)
    {
        if (!BlobName.TryParse($"{BlobName.Uploads}/{slot.Path}", out var name))
        {
            throw new InvalidDataException($"{slot.Path} is no upload's name");
        }

        var etag = (await store.FindAsync(name, ct))?.ETag.Value;
        var now = time.GetUtcNow();
        if (etag is not null && etag != slot.ETag)
        {
            await ReceiveAsync(slot, etag, ct);
        }
        else if (slot.Until <= now)
        {
            await slots.ForgetAsync(slot, ct);
        }
        else
        {
            slots.PutOff(slot, NextLookAt(slot, now));
        }
    }

    private async Task ReceiveAsync(UploadSlot slot, string etag, CancellationToken ct)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(ct);
        patience.CancelAfter(_timeout);
        try
        {
            await receive.ExecuteAsync(slot.Path, patience.Token);
        }
        catch (Exception exception) when (!ct.IsCancellationRequested)
        {
            var delay = _retry.DelayAfter(slot.Failures + 1);
            LogParked(exception, slot.Path, delay);
            slots.PutOff(slot, time.GetUtcNow() + delay, slot.Failures + 1);
            return;
        }

        await slots.ReceivedAsync(slot, etag, NextLookAt(slot, time.GetUtcNow()), ct);
    }

    private DateTimeOffset NextLookAt(UploadSlot slot, DateTimeOffset now)
    {
        var pause = (now - slot.OpenedAt) / LooksPerAge;
        return now + (pause > _interval ? pause : _interval);
    }

    [LoggerMessage(LogLevel.Error, "The upload {Path} could not be handed on; trying again in {Delay}")]
    private partial void LogParked(Exception exception, string path, TimeSpan delay);

    [LoggerMessage(LogLevel.Warning, "Blob Storage cannot be asked for uploads; they wait there until it can")]
    private partial void LogOutage(Exception exception);

    [LoggerMessage(LogLevel.Error, "Looking for uploads failed; trying again in {Delay}")]
    private partial void LogFailed(Exception exception, TimeSpan delay);
}
