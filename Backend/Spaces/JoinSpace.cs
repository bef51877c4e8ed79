using Backend.Model;
using Backend.Records;
using Backend.Security;
using Microsoft.Extensions.Options;

namespace Backend.Spaces;

/// <summary>
/// Lets the bearer of an invitation into its space. Two records change, each by a conditional write: the invitation
/// counts the user first, then the space takes the user in. Whoever is cut off in between tries again and goes on
/// where it ended.
/// </summary>
internal sealed class JoinSpace(
    SpaceRecords spaces, InvitationRecords invitations, InvitationTokens tokens, Memberships memberships, ListSpaces list,
    AppModel model, IOptions<SpaceOptions> options, TimeProvider time)
{
    public async Task<SpaceOutcome> ExecuteAsync(Caller caller, string token, CancellationToken ct)
    {
        if (!tokens.TryRead(token, out var space, out var invitation))
        {
            return new SpaceOutcome.InvitationRefused(InvitationState.NotFound);
        }

        var start = time.GetTimestamp();
        do
        {
            if (await TryAsync(caller, space, invitation, ct) is { } outcome)
            {
                return outcome;
            }
        }
        while (time.GetElapsedTime(start) < SpaceRecords.Patience);

        return new SpaceOutcome.Contended();
    }

    /// <summary>Null when somebody else wrote one of the two records meanwhile.</summary>
    private async Task<SpaceOutcome?> TryAsync(Caller caller, string spaceId, string invitationId, CancellationToken ct)
    {
        // In this order: who is removed has the use of the invitation ended first. So if the space below no longer has
        // the user, the invitation, read after it, says so.
        if (await spaces.FindAsync(spaceId, ct) is not { Deleted: false } space)
        {
            return new SpaceOutcome.InvitationRefused(InvitationState.NotFound);
        }

        var details = SpaceDetails.Read(space);
        if (details.RoleOf(caller.Id) is not null)
        {
            await memberships.EnsureAsync(caller.Id, space.Key.Id, ct);
            return new SpaceOutcome.Done(space, details);
        }

        var invitation = await invitations.FindAsync(space.Key.Scope, invitationId, ct);
        var state = StateOf(invitation, details, caller);
        if (invitation is null || state is not InvitationState.Good)
        {
            return new SpaceOutcome.InvitationRefused(state);
        }

        if (details.Members.Count >= options.Value.MaxMembers)
        {
            return new SpaceOutcome.SpaceFull(options.Value.MaxMembers);
        }

        if (!await list.HasRoomAsync(caller.Id, ct))
        {
            return new SpaceOutcome.TooManySpaces(options.Value.MaxSpacesPerUser);
        }

        return await ClaimAsync(caller, invitation, ct) ? await EnterAsync(caller, space, details, invitation, ct) : null;
    }

    /// <summary>Whether the invitation counts the user; false when somebody else wrote it meanwhile.</summary>
    private async Task<bool> ClaimAsync(Caller caller, StoredRecord invitation, CancellationToken ct)
    {
        var details = InvitationDetails.Read(invitation);
        return details.UsedBy.ContainsKey(caller.Id) || await invitations.ReplaceAsync(
            invitation, details.With(caller.Id, new InvitationUse(Timestamps.Format(time.GetUtcNow()))), ct);
    }

    private async Task<SpaceOutcome?> EnterAsync(
        Caller caller, StoredRecord space, SpaceDetails details, StoredRecord invitation, CancellationToken ct)
    {
        var member = new SpaceMember(
            InvitationDetails.Read(invitation).Role, Timestamps.Format(time.GetUtcNow()), invitation.Key.Id.Value);
        var joined = details.With(caller.Id, member);
        await memberships.EnsureAsync(caller.Id, space.Key.Id, ct);
        if (await spaces.ReplaceAsync(space, joined, deleted: false, ct) is not { } written)
        {
            return null;
        }

        await memberships.EnsureAsync(caller.Id, space.Key.Id, ct);
        return new SpaceOutcome.Done(written, joined);
    }

    private InvitationState StateOf(StoredRecord? invitation, SpaceDetails space, Caller caller)
    {
        if (invitation is null)
        {
            return InvitationState.NotFound;
        }

        var details = InvitationDetails.Read(invitation);
        var state = details.StateFor(caller.Id, invitation.Deleted, time.GetUtcNow());
        // What its maker may no longer give, the invitation does not give either: nobody leaves a back door behind.
        return state is InvitationState.Good
            && (space.RoleOf(invitation.Owner) is not { } role || !model.SpaceRoles.MayGive(role, details.Role))
            ? InvitationState.Revoked
            : state;
    }
}
