using Backend.Orchestrations;

namespace Backend.Spaces;

/// <summary>Makes sure that a deleted space is not restored while its records go, and that no user's list has it.</summary>
internal sealed class ClaimSpacePurge(SpaceRecords spaces, Memberships memberships) : IActivity<PurgeSpaceInput, bool>
{
    public static ActivityDefinition<PurgeSpaceInput, bool> Definition { get; } = new(
        nameof(ClaimSpacePurge), PurgeJsonContext.Default.PurgeSpaceInput, PurgeJsonContext.Default.Boolean);

    /// <returns>Whether its records may go; false when it was restored, or deleted again since.</returns>
    public async Task<bool> RunAsync(PurgeSpaceInput input, CancellationToken ct)
    {
        // Without a record, the tombstone has expired or an earlier attempt has come that far.
        while (await spaces.FindAsync(input.SpaceId, ct) is { } record)
        {
            var details = SpaceDetails.Read(record);
            if (!record.Deleted || details.Deletion != input.Deletion)
            {
                return false;
            }

            if (details.Purging is true
                || await spaces.ReplaceAsync(record, details with { Purging = true }, deleted: true, ct) is not null)
            {
                await memberships.DropAllAsync(details.Members.Keys, record.Key.Id, ct);
                return true;
            }
        }

        return true;
    }
}
