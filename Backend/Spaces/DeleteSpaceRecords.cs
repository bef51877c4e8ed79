using Backend.Media;
using Backend.Orchestrations;
using Backend.Records;

namespace Backend.Spaces;

/// <summary>Removes some of the records of a purged space; the space's own is among them.</summary>
internal sealed class DeleteSpaceRecords(IRecordStore store, RemoveScopeMedia media) : IActivity<PurgeSpaceInput, int>
{
    /// <summary>Small enough not to hold up other writers of the embedded store.</summary>
    private const int ChunkSize = 500;

    /// <summary>Keeps the history of a large space short.</summary>
    private const int ChunksPerRun = 20;

    public static ActivityDefinition<PurgeSpaceInput, int> Definition { get; } = new(
        nameof(DeleteSpaceRecords), PurgeJsonContext.Default.PurgeSpaceInput, PurgeJsonContext.Default.Int32);

    /// <returns>How many; 0 when none is left.</returns>
    public async Task<int> RunAsync(PurgeSpaceInput input, CancellationToken ct)
    {
        if (!RecordId.TryParse(input.SpaceId, out var id))
        {
            throw new InvalidDataException($"There can be no space {input.SpaceId}");
        }

        await media.ExecuteAsync(Scope.ForSpace(id), ct);
        var total = 0;
        for (var i = 0; i < ChunksPerRun; i++)
        {
            var removed = await store.DeleteAllAsync(Scope.ForSpace(id), ChunkSize, ct);
            total += removed;
            if (removed == 0)
            {
                break;
            }
        }

        return total;
    }
}
