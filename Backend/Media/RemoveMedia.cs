using Backend.Orchestrations;
using Backend.Records;

namespace Backend.Media;

/// <summary>
/// Deletes a media record at once and its blobs soon after. What removes them is started first and would delete the record,
/// too, so that nothing stays behind after a crash in between.
/// </summary>
internal sealed class RemoveMedia(MediaRecords records, IOrchestrator orchestrator)
{
    public async Task ExecuteAsync(StoredRecord record, CancellationToken ct)
    {
        var (scope, id) = (record.Key.Scope, record.Key.Id);
        var input = new DeleteMediaInput(scope.Value, id.Value, record.Owner, MediaDetails.Read(record).CountedSize);
        await orchestrator.StartAsync(DeleteMedia.Definition, DeleteMedia.InstanceIdOf(id.Value), input, ct);
        await records.DeleteAsync(scope, id, static _ => true, CancellationToken.None);
    }
}
