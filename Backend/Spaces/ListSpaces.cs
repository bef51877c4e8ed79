using Backend.Records;
using Microsoft.Extensions.Options;

namespace Backend.Spaces;

/// <summary>
/// The spaces that a user is in. Where to look comes from the user's memberships, what is true from the spaces
/// themselves; a membership without a space behind it is taken away.
/// </summary>
internal sealed class ListSpaces(SpaceRecords spaces, Memberships memberships, IOptions<SpaceOptions> options)
{
    private const int MaxParallel = 16;

    /// <summary>In the order in which the spaces were made.</summary>
    public async Task<IReadOnlyList<SpaceOutcome.Done>> ExecuteAsync(string user, CancellationToken ct)
    {
        var found = new List<SpaceOutcome.Done>();
        foreach (var ids in (await memberships.ListAsync(user, ct)).Chunk(MaxParallel))
        {
            found.AddRange((await Task.WhenAll(ids.Select(id => VerifyAsync(user, id, ct)))).OfType<SpaceOutcome.Done>());
        }

        return found;
    }

    /// <summary>Whether the user may be in one more space.</summary>
    public async Task<bool> HasRoomAsync(string user, CancellationToken ct)
    {
        var limit = options.Value.MaxSpacesPerUser;
        return (await memberships.ListAsync(user, ct)).Count < limit || (await ExecuteAsync(user, ct)).Count < limit;
    }

    private async Task<SpaceOutcome.Done?> VerifyAsync(string user, RecordId id, CancellationToken ct)
    {
        if (await spaces.FindAsync(id.Value, ct) is { Deleted: false } record
            && SpaceDetails.Read(record) is var details && details.RoleOf(user) is not null)
        {
            return new SpaceOutcome.Done(record, details);
        }

        await memberships.DropAsync(user, id, ct);
        return null;
    }
}
