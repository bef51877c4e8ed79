using Backend.Orchestrations;

namespace Backend.Sync.Batches;

/// <summary>
/// Applies the mutations of a batch's file in the order of its lines, a chunk at a time, each as a push of its own. Where
/// it is goes from chunk to chunk, so whatever crashes is taken up at the chunk that was under way; and that one has its effect
/// once, as any push that is sent twice.
/// </summary>
public sealed class ApplySyncBatch : IOrchestration<ApplySyncBatchInput, SyncBatchProgress>
{
    /// <summary>What is kept of one run in the history, before it starts over with an empty one.</summary>
    private const int ChunksOfARun = 100;

    /// <summary>Hours: a store that is away delays a batch, and ends none.</summary>
    private static readonly RetryPolicy Retry = new(60, TimeSpan.FromSeconds(1), MaxDelay: TimeSpan.FromMinutes(5));

    public static OrchestrationDefinition<ApplySyncBatchInput, SyncBatchProgress> Definition { get; } = new(
        nameof(ApplySyncBatch), SyncBatchJsonContext.Default.ApplySyncBatchInput, SyncBatchJsonContext.Default.SyncBatchProgress);

    public static string InstanceIdOf(string batch) => $"sync-batch-{batch}";

    public async Task<SyncBatchProgress> RunAsync(OrchestrationContext context, ApplySyncBatchInput input)
    {
        var position = input.Position;
        string? reason = null, detail = null;
        try
        {
            if (position is null)
            {
                var inspection = await context.CallActivityAsync(InspectSyncBatch.Definition, input, Retry);
                (reason, detail) = (inspection.Reason, inspection.Detail);
                position = new SyncBatchPosition { Progress = new SyncBatchProgress(inspection.Lines) };
            }

            for (var chunk = 0; reason is null && !position.IsEnd; chunk++)
            {
                if (chunk == ChunksOfARun)
                {
                    context.ContinueAsNew(input with { Position = position }, SyncBatchJsonContext.Default.ApplySyncBatchInput);
                    return position.Progress;
                }

                position = await context.CallActivityAsync(
                    ApplySyncBatchChunk.Definition, input with { Position = position }, Retry);
                context.SetCustomStatus(position.Progress, SyncBatchJsonContext.Default.SyncBatchProgress);
            }
        }
        catch (ActivityFailedException)
        {
            // The history has what it was; it is the server's, and none of the user's business.
            (reason, detail) = ("processing_failed", "The server could not go on. What has no result can be sent again.");
            position ??= new SyncBatchPosition();
        }

        var end = new FinishSyncBatchInput(input.User, input.Id, position.Chunk, position.Progress, reason, detail);
        await context.CallActivityAsync(FinishSyncBatch.Definition, end, Retry);
        return position.Progress;
    }
}

/// <param name="User">Whose batch it is.</param>
/// <param name="Id">The batch.</param>
/// <param name="UploadETag">Which upload of its file.</param>
/// <param name="Position">Where to go on; null at the beginning.</param>
public sealed record ApplySyncBatchInput(string User, string Id, string UploadETag, SyncBatchPosition? Position = null);
