using Backend.Media;
using Backend.Orchestrations;
using Backend.Records;
using Microsoft.Extensions.Logging;

namespace Backend.Sync.Batches;

/// <summary>The file of a batch has arrived: starts what applies it. Called at least once for every upload.</summary>
internal sealed partial class ReceiveSyncBatch(
    SyncBatchRecords batches, IMediaStore files, IOrchestrator orchestrator, ILogger<ReceiveSyncBatch> logger)
{
    public async Task ExecuteAsync(string user, RecordId id, CancellationToken ct)
    {
        var file = BlobName.ForBatch(user, id);
        if (await files.CloseUploadAsync(file, ct) is not { } blob)
        {
            return;
        }

        var etag = blob.ETag.Value;
        var batch = await batches.ChangeAsync(
            user, id,
            before => before.State is SyncBatchState.Pending
                ? before with { State = SyncBatchState.Running, UploadETag = etag }
                : null,
            ct);
        if (batch is null)
        {
            LogIgnored(file.Path);
            await files.DeleteAsync(file, ct);
            return;
        }

        // Both steps are idempotent: when a crash separates them, the event comes again and completes the second.
        if (batch.State is SyncBatchState.Running && batch.UploadETag == etag)
        {
            var input = new ApplySyncBatchInput(user, id.Value, etag);
            if (await orchestrator.StartAsync(ApplySyncBatch.Definition, ApplySyncBatch.InstanceIdOf(id.Value), input, ct))
            {
                LogStarted(id, blob.Length);
            }
        }
    }

    [LoggerMessage(LogLevel.Information, "The file of batch {Batch} ({Bytes} bytes) has arrived")]
    private partial void LogStarted(RecordId batch, long bytes);

    [LoggerMessage(LogLevel.Warning, "The uploaded file {Path} belongs to no batch and is removed")]
    private partial void LogIgnored(string path);
}
