using Backend.Http;
using Backend.Records;

namespace Backend.Spaces;

/// <summary>What became of a request about a space.</summary>
internal abstract record SpaceOutcome
{
    private SpaceOutcome()
    {
    }

    /// <param name="Record">The space's record as it is now.</param>
    /// <param name="Details">Its fields.</param>
    public sealed record Done(StoredRecord Record, SpaceDetails Details) : SpaceOutcome;

    /// <summary>There is none, or the caller may not know that there is.</summary>
    public sealed record NotFound(string Id) : SpaceOutcome;

    /// <param name="Action">What the caller's role does not allow, for example <c>rename it</c>.</param>
    public sealed record Forbidden(string Action) : SpaceOutcome;

    public sealed record Invalid(IReadOnlyList<FieldError> Errors) : SpaceOutcome;

    public sealed record MemberNotFound(string User) : SpaceOutcome;

    /// <summary>The space would be left without an owner.</summary>
    public sealed record LastOwner : SpaceOutcome;

    public sealed record SpaceFull(int Limit) : SpaceOutcome;

    public sealed record TooManySpaces(int Limit) : SpaceOutcome;

    /// <summary>The invitation does not let the caller in.</summary>
    public sealed record InvitationRefused(InvitationState State) : SpaceOutcome;

    /// <param name="Record">The new invitation.</param>
    /// <param name="Details">Its fields.</param>
    /// <param name="Token">What lets people in.</param>
    public sealed record Invited(StoredRecord Record, InvitationDetails Details, string Token) : SpaceOutcome;

    public sealed record Invitations(IReadOnlyList<StoredRecord> Records) : SpaceOutcome;

    public sealed record Revoked : SpaceOutcome;

    public sealed record InvitationNotFound(string Id) : SpaceOutcome;

    public sealed record TooManyInvitations(int Limit) : SpaceOutcome;

    /// <summary>The caller named a version that is no longer the current one.</summary>
    public sealed record PreconditionFailed : SpaceOutcome;

    /// <summary>Others kept changing the space or invitation; nothing was written.</summary>
    public sealed record Contended : SpaceOutcome;
}
