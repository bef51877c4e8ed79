using Backend.Orchestrations;
using Backend.Records;

namespace Backend.Operations;

/// <summary>What becomes of the work that <see cref="StartOperation"/> started for a user.</summary>
internal sealed class FindOperation(IRecordStore store, IOrchestrator orchestrator)
{
    /// <summary>Null when the user has no such operation, or it ended so long ago that nobody knows any more.</summary>
    public async Task<OperationView?> ExecuteAsync(string owner, string id, CancellationToken ct) =>
        RecordId.TryParse(id, out var recordId)
        && await store.FindAsync(new RecordKey(Scope.ForUser(owner), StartOperation.Collection, recordId), ct) is { } record
        && record.Fields.TryGet("instance", out var instance)
        && await orchestrator.FindAsync(instance.GetString() ?? "", ct) is { } found
            ? OperationView.Of(id, found)
            : null;
}
