using Backend.Records;
using Backend.Security;

namespace Backend.Spaces;

/// <summary>Leaving a space, and being taken out of it by an owner.</summary>
internal sealed class RemoveMember(SpaceRecords spaces, InvitationRecords invitations, Memberships memberships)
{
    public async Task<SpaceOutcome> ExecuteAsync(
        Caller caller, string id, string user, ETagCondition condition, CancellationToken ct)
    {
        var outcome = await spaces.ChangeAsync(
            caller, id, condition,
            (SpaceDetails before, string role, out SpaceDetails after) =>
            {
                after = before;
                if (user != caller.Id && role is not SpaceRoles.Owner)
                {
                    return new SpaceOutcome.Forbidden("change its members");
                }

                if (before.RoleOf(user) is null)
                {
                    return new SpaceOutcome.MemberNotFound(user);
                }

                if (before.IsLastOwner(user))
                {
                    return new SpaceOutcome.LastOwner();
                }

                after = before.Without(user);
                return null;
            },
            ct,
            // First: afterwards it would be too late to keep the user from using the same invitation again.
            (before, token) => EndInvitationAsync(id, before.Members[user], user, token));
        if (outcome is SpaceOutcome.Done done)
        {
            await memberships.CleanUpAsync([user], done.Record.Key.Id);
        }

        return outcome;
    }

    private Task EndInvitationAsync(string id, SpaceMember member, string user, CancellationToken ct) =>
        member.Invitation is { } invitation && Scope.TryParse($"space/{id}", out var scope)
            ? invitations.EndUseAsync(scope, invitation, user, ct)
            : Task.CompletedTask;
}
