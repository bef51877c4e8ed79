using Backend.Media;
using Backend.Orchestrations;
using Backend.Records;

namespace Backend.Sync.Batches;

/// <summary>
/// Gives up a batch whose file has not come when its URL has expired, and removes what is left of any batch at the end of
/// its time.
/// </summary>
public sealed class RemoveSyncBatch : IOrchestration<RemoveSyncBatchInput, bool>
{
    /// <summary>How long after its URL has expired a file may still be on its way, in minutes.</summary>
    public const int GraceMinutes = 15;

    private static readonly RetryPolicy Retry = new(100, TimeSpan.FromSeconds(1), MaxDelay: TimeSpan.FromMinutes(5));

    public static OrchestrationDefinition<RemoveSyncBatchInput, bool> Definition { get; } = new(
        nameof(RemoveSyncBatch), SyncBatchJsonContext.Default.RemoveSyncBatchInput, SyncBatchJsonContext.Default.Boolean);

    public static string InstanceIdOf(string batch) => $"remove-sync-batch-{batch}";

    public async Task<bool> RunAsync(OrchestrationContext context, RemoveSyncBatchInput input)
    {
        await context.CreateTimer(input.UnusedAt);
        await context.CallActivityAsync(ClearSyncBatch.Definition, input with { IsOver = false }, Retry);
        await context.CreateTimer(input.OverAt);
        return await context.CallActivityAsync(ClearSyncBatch.Definition, input with { IsOver = true }, Retry);
    }
}

/// <param name="User">Whose batch it is.</param>
/// <param name="Id">The batch.</param>
/// <param name="UnusedAt">When a file can no longer be expected.</param>
/// <param name="OverAt">When its results are no longer kept.</param>
/// <param name="IsOver">Whether it is that time.</param>
public sealed record RemoveSyncBatchInput(
    string User, string Id, DateTimeOffset UnusedAt, DateTimeOffset OverAt, bool IsOver = false);

/// <summary>Removes what is left of a batch: of an unused one, or of any when its time is over.</summary>
internal sealed class ClearSyncBatch(SyncBatchRecords batches, IMediaStore files, ReceiveSyncBatch receive)
    : IActivity<RemoveSyncBatchInput, bool>
{
    public static ActivityDefinition<RemoveSyncBatchInput, bool> Definition { get; } = new(
        nameof(ClearSyncBatch), SyncBatchJsonContext.Default.RemoveSyncBatchInput, SyncBatchJsonContext.Default.Boolean);

    /// <returns>Whether anything was given up.</returns>
    public async Task<bool> RunAsync(RemoveSyncBatchInput input, CancellationToken ct)
    {
        var id = RecordId.TryParse(input.Id, out var parsed) ? parsed : throw new InvalidDataException($"{input.Id} is no batch.");
        var file = BlobName.ForBatch(input.User, id);
        if (!input.IsOver && await files.FindAsync(file, ct) is not null)
        {
            await receive.ExecuteAsync(input.User, id, ct); // its event was lost, or it is being applied
            return false;
        }

        var batch = await batches.ChangeAsync(
            input.User, id,
            now => now.State is SyncBatchState.Pending || (input.IsOver && now.IsOpen)
                ? now with { State = SyncBatchState.Canceled, Reason = "expired" }
                : null,
            ct);
        if (batch is { IsOpen: true })
        {
            return false;
        }

        await batches.CloseAsync(input.User, id, ct); // also when a crash came between the place and the record
        if (input.IsOver)
        {
            await files.DeleteAsync(file, ct);
            while (await files.ListAsync(BlobName.ResultsOfBatch(input.User, id), null, 1_000, ct) is { Names: { Count: > 0 } names })
            {
                foreach (var name in names)
                {
                    await files.DeleteAsync(name, ct);
                }
            }
        }

        return batch is not null;
    }
}
