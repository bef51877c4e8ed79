using Backend.Orchestrations;
using Backend.Records;
using Backend.Sync.Batches;
using Microsoft.Extensions.Logging;

namespace Backend.Media;

/// <summary>
/// Bytes have arrived, of an image or of a batch of mutations: starts what processes them. Called by the blob trigger and by the embedded store's events, at
/// least once for every upload; calling it again changes nothing.
/// </summary>
public sealed partial class ReceiveUpload
{
    private readonly MediaRecords _records;
    private readonly IMediaStore _store;
    private readonly IOrchestrator _orchestrator;
    private readonly ReceiveSyncBatch _batches;
    private readonly ILogger<ReceiveUpload> _logger;

    internal ReceiveUpload(
        MediaRecords records,
        IMediaStore store,
        IOrchestrator orchestrator,
        ReceiveSyncBatch batches,
        ILogger<ReceiveUpload> logger)
    {
        _batches = batches;
        _records = records;
        _store = store;
        _orchestrator = orchestrator;
        _logger = logger;
    }

    /// <param name="path">The blob's path within the uploads container.</param>
    /// <param name="ct">Cancels; the event must then be delivered again.</param>
    public async Task ExecuteAsync(string path, CancellationToken ct)
    {
        if (BlobName.TryParseBatch(path, out var user, out var batch))
        {
            await _batches.ExecuteAsync(user, batch, ct);
            return;
        }

        if (!BlobName.TryParseUpload(path, out var scope, out var id) || await _records.FindAsync(scope, id, ct) is not { } record)
        {
            LogIgnored(path);
            return;
        }

        var name = BlobName.ForUpload(scope, id);
        if (record.Deleted)
        {
            // Deleted while the URL was still good: nobody would ever remove these bytes.
            await _store.DeleteAsync(name, ct);
            return;
        }

        if (await _store.CloseUploadAsync(name, ct) is not { } blob)
        {
            LogIgnored(path);
            return;
        }

        // All steps are idempotent: when a crash separates them, the event comes again and completes the others.
        var etag = blob.ETag.Value;
        if (!await ExpectAsync(scope, id, etag, ct))
        {
            await _store.DeleteAsync(name, ct);
            LogUnexpected(id, blob.Length);
            return;
        }

        var instanceId = InstanceIdOf(id, etag);
        var input = new ProcessImageInput(scope.Value, id.Value, etag);
        if (await _orchestrator.StartAsync(ProcessImage.Definition, instanceId, input, ct))
        {
            LogStarted(instanceId, id, blob.Length);
        }
    }

    /// <summary>Writes on the record that these bytes are its upload.</summary>
    /// <returns>False when the announced upload has arrived before and no other was announced: somebody used a URL again.</returns>
    private async Task<bool> ExpectAsync(Scope scope, RecordId id, string etag, CancellationToken ct)
    {
        var isExpected = true;
        await _records.ChangeAsync(scope, id, before =>
        {
            isExpected = before.UploadETag is null || before.UploadETag == etag || before.Announced is not null;
            return !isExpected || before.UploadETag == etag ? null : before with
            {
                Status = MediaStatus.Uploaded,
                UploadETag = etag,
                ContentType = before.Announced?.ContentType ?? before.ContentType,
                Size = before.Announced?.Size ?? before.Size,
                Sha256 = before.Announced is { } announced ? announced.Sha256 : before.Sha256,
                Announced = null,
                Reason = null,
                Detail = null,
            };
        }, ct);
        return isExpected;
    }

    /// <summary>One instance for each upload of each media record, however often the event is delivered.</summary>
    internal static string InstanceIdOf(RecordId id, string etag) =>
        InstanceIdOf(new ProcessImageInput("", id.Value, etag));

    internal static string InstanceIdOf(ProcessImageInput image) => $"process-image-{InstanceSuffixOf(image)}";

    /// <summary>The media record and which upload of it; and, when it is processed again, which time.</summary>
    internal static string InstanceSuffixOf(ProcessImageInput image) =>
        $"{image.MediaId}-{string.Concat(image.UploadETag.Where(char.IsAsciiLetterOrDigit))}"
        + (image.Reprocess is { } again ? $"-{again}" : "");

    [LoggerMessage(LogLevel.Information, "Upload of media {MediaId} ({Bytes} bytes) starts {InstanceId}")]
    private partial void LogStarted(string instanceId, RecordId mediaId, long bytes);

    [LoggerMessage(LogLevel.Warning, "The upload URL of media {MediaId} was used again; its {Bytes} bytes are dropped")]
    private partial void LogUnexpected(RecordId mediaId, long bytes);

    [LoggerMessage(LogLevel.Warning, "The uploaded blob {Path} belongs to no media record, or is gone, and is ignored")]
    private partial void LogIgnored(string path);
}
