using Backend.Media;
using Backend.Records;
using Backend.Security;
using Backend.Sync.Push;

namespace Backend.Sync.Batches;

/// <summary>Gives up a batch for its user; what was applied stays so.</summary>
internal sealed class CancelSyncBatch(SyncBatchRecords batches, IMediaStore files, PushMutations push)
{
    /// <returns>False when the user has no such batch.</returns>
    public async Task<bool> ExecuteAsync(Caller caller, RecordId id, CancellationToken ct)
    {
        var batch = await batches.ChangeAsync(
            caller.Id, id, before => before.IsOpen ? before with { State = SyncBatchState.Canceled } : null, ct);
        if (batch is not { State: SyncBatchState.Canceled })
        {
            return batch is not null;
        }

        // A chunk that is under way ends first: it has the client's turn, or is refused its next one.
        await push.ReleaseAsync(caller, batch.Client, id.Value, ct);
        await batches.CloseAsync(caller.Id, id, ct);
        await files.DeleteAsync(BlobName.ForBatch(caller.Id, id), ct);
        return true;
    }
}
