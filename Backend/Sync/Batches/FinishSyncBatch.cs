using Backend.Media;
using Backend.Orchestrations;
using Backend.Records;
using Backend.Sync.Push;

namespace Backend.Sync.Batches;

/// <summary>
/// Ends a batch: puts its results into one file, says so, and clears up what nobody needs any more. Done again after a
/// crash, it goes on where it was.
/// </summary>
internal sealed class FinishSyncBatch(SyncBatchRecords batches, IMediaStore files, PushMutations push)
    : IActivity<FinishSyncBatchInput, bool>
{
    public static ActivityDefinition<FinishSyncBatchInput, bool> Definition { get; } = new(
        nameof(FinishSyncBatch), SyncBatchJsonContext.Default.FinishSyncBatchInput, SyncBatchJsonContext.Default.Boolean);

    public async Task<bool> RunAsync(FinishSyncBatchInput input, CancellationToken ct)
    {
        var id = RecordId.TryParse(input.Id, out var parsed) ? parsed : throw new InvalidDataException($"{input.Id} is no batch.");
        if (await batches.FindAsync(input.User, id, ct) is { Batch: { State: SyncBatchState.Running } })
        {
            await using (var parts = new SyncBatchResults(files, input.User, id, input.Chunks))
            {
                await files.WriteAsync(BlobName.ForBatchResults(input.User, id), parts, CreateSyncBatch.ContentType, ct);
            }

            await batches.ChangeAsync(
                input.User, id,
                batch => batch.State is not SyncBatchState.Running ? null : batch with
                {
                    State = input.Reason is null ? SyncBatchState.Completed : SyncBatchState.Failed,
                    Progress = input.Progress,
                    Reason = input.Reason,
                    Detail = input.Detail,
                },
                ct);
        }

        if (await batches.FindAsync(input.User, id, ct) is { Batch: var ended })
        {
            await push.ReleaseAsync(ended.CallerOf(input.User), ended.Client, input.Id, ct);
        }

        await batches.CloseAsync(input.User, id, ct);
        await files.DeleteAsync(BlobName.ForBatch(input.User, id), ct);
        for (var part = 0; part < input.Chunks; part++)
        {
            await files.DeleteAsync(BlobName.ForBatchResults(input.User, id, part), ct);
        }

        return true;
    }
}

/// <param name="User">Whose batch it is.</param>
/// <param name="Id">The batch.</param>
/// <param name="Chunks">How many chunks have results.</param>
/// <param name="Progress">What became of the lines.</param>
/// <param name="Reason">Why it was given up; null when it was not.</param>
/// <param name="Detail">The same in words.</param>
public sealed record FinishSyncBatchInput(
    string User, string Id, int Chunks, SyncBatchProgress Progress, string? Reason, string? Detail);
