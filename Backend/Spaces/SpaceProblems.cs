using System.Diagnostics;
using Backend.Http;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Backend.Spaces;

/// <summary>What the API of spaces answers when it cannot do what was asked.</summary>
internal static class SpaceProblems
{
    public static ProblemHttpResult Of(SpaceOutcome outcome) => outcome switch
    {
        SpaceOutcome.NotFound missing => Problems.Create(
            StatusCodes.Status404NotFound, "space_not_found", $"There is no space {missing.Id}, or you are not in it."),
        SpaceOutcome.Forbidden forbidden => Problems.Create(
            StatusCodes.Status403Forbidden, "forbidden", $"Your role in this space does not let you {forbidden.Action}."),
        SpaceOutcome.Invalid invalid => Problems.Invalid(invalid.Errors),
        SpaceOutcome.MemberNotFound missing => Problems.Create(
            StatusCodes.Status404NotFound, "member_not_found", $"{missing.User} is no member of this space."),
        SpaceOutcome.LastOwner => Problems.Create(
            StatusCodes.Status409Conflict, "last_owner",
            "A space keeps an owner: make another member one first, or delete the space."),
        SpaceOutcome.SpaceFull full => Problems.Create(
            StatusCodes.Status409Conflict, "space_full", $"The space has its {full.Limit} members."),
        SpaceOutcome.TooManySpaces many => Problems.Create(
            StatusCodes.Status409Conflict, "too_many_spaces", $"You are in {many.Limit} spaces; leave one first."),
        SpaceOutcome.TooManyInvitations many => Problems.Create(
            StatusCodes.Status409Conflict, "too_many_invitations", $"The space has {many.Limit} invitations; revoke one first."),
        SpaceOutcome.InvitationNotFound missing => Problems.Create(
            StatusCodes.Status404NotFound, "invitation_not_found", $"There is no invitation {missing.Id}."),
        SpaceOutcome.InvitationRefused refused => Refused(refused.State),
        SpaceOutcome.PreconditionFailed => Problems.PreconditionFailed(),
        SpaceOutcome.Contended => Problems.Contended(),
        _ => throw new UnreachableException(),
    };

    /// <summary>Who is not in the space learns nothing about it, not even its name.</summary>
    private static ProblemHttpResult Refused(InvitationState state) => state switch
    {
        InvitationState.NotFound => Problems.Create(
            StatusCodes.Status404NotFound, "invitation_not_found", "There is no such invitation."),
        InvitationState.Expired => Problems.Create(
            StatusCodes.Status410Gone, "invitation_expired", "The invitation has expired; ask for a new one."),
        InvitationState.Revoked => Problems.Create(
            StatusCodes.Status410Gone, "invitation_revoked", "The invitation was revoked."),
        InvitationState.UsedUp => Problems.Create(
            StatusCodes.Status410Gone, "invitation_used_up", "The invitation was used as often as it can be, or by you before."),
        _ => throw new UnreachableException(),
    };
}
