using Backend.Http;
using Backend.Model;
using Backend.Records;
using Backend.Security;
using Microsoft.Extensions.Options;

namespace Backend.Spaces;

/// <summary>Makes, lists and revokes the invitations of a space; for members whose role may invite.</summary>
internal sealed class InvitePeople(
    SpaceRecords spaces, InvitationRecords invitations, InvitationTokens tokens, AppModel model,
    IOptions<SpaceOptions> options, TimeProvider time)
{
    public async Task<SpaceOutcome> InviteAsync(Caller caller, string id, NewInvitation request, CancellationToken ct)
    {
        var (scope, role, refusal) = await EnterAsync(caller, id, ct);
        if (refusal is not null)
        {
            return refusal;
        }

        var errors = FindErrors(request);
        if (errors.Count > 0)
        {
            return new SpaceOutcome.Invalid(errors);
        }

        if (!model.SpaceRoles.MayGive(role, request.Role))
        {
            return new SpaceOutcome.Forbidden($"invite people as {request.Role}");
        }

        if (await CountOpenAsync(scope, ct) >= options.Value.MaxInvitations)
        {
            return new SpaceOutcome.TooManyInvitations(options.Value.MaxInvitations);
        }

        var details = new InvitationDetails
        {
            Role = request.Role,
            ExpiresAt = Timestamps.Format(time.GetUtcNow().AddHours(
                request.ExpiresInHours ?? Math.Min(options.Value.InvitationHours, options.Value.MaxInvitationHours))),
            Uses = request.Uses ?? 1,
        };
        var record = await invitations.CreateAsync(scope, caller.Id, details, ct);
        return new SpaceOutcome.Invited(record, details, tokens.Create(id, record.Key.Id.Value));
    }

    /// <summary>Those that have not been revoked, expired and used up ones among them.</summary>
    public async Task<SpaceOutcome> ListAsync(Caller caller, string id, CancellationToken ct)
    {
        var (scope, _, refusal) = await EnterAsync(caller, id, ct);
        return refusal ?? new SpaceOutcome.Invitations(await invitations.ListAsync(scope, ct));
    }

    public async Task<SpaceOutcome> RevokeAsync(Caller caller, string id, string invitation, CancellationToken ct)
    {
        var (scope, role, refusal) = await EnterAsync(caller, id, ct);
        if (refusal is not null)
        {
            return refusal;
        }

        if (await invitations.FindAsync(scope, invitation, ct) is not { Deleted: false } found)
        {
            return new SpaceOutcome.InvitationNotFound(invitation);
        }

        if (found.Owner != caller.Id && !model.SpaceRoles.MayGive(role, InvitationDetails.Read(found).Role))
        {
            return new SpaceOutcome.Forbidden("revoke this invitation");
        }

        await invitations.DeleteAsync(found, ct);
        return new SpaceOutcome.Revoked();
    }

    private async Task<(Scope Scope, string Role, SpaceOutcome? Refusal)> EnterAsync(Caller caller, string id, CancellationToken ct)
    {
        if (await spaces.FindAsync(id, ct) is not { Deleted: false } space
            || SpaceMembers.FindRole(space.Fields.Utf8.Span, caller.Id) is not { } role)
        {
            return (default, "", new SpaceOutcome.NotFound(id));
        }

        return (space.Key.Scope, role, model.SpaceRoles.MayInvite(role) ? null : new SpaceOutcome.Forbidden("invite people"));
    }

    /// <summary>Takes away those that have expired, so that their number stays within bounds, and counts the others.</summary>
    private async Task<int> CountOpenAsync(Scope scope, CancellationToken ct)
    {
        var now = time.GetUtcNow();
        var expired = (await invitations.ListAsync(scope, ct)).ToLookup(record => InvitationDetails.Read(record).Expiry <= now);
        foreach (var record in expired[true])
        {
            await invitations.DeleteAsync(record, ct);
        }

        return expired[false].Count();
    }

    private List<FieldError> FindErrors(NewInvitation request)
    {
        var errors = new List<FieldError>();
        if (!model.SpaceRoles.Contains(request.Role))
        {
            errors.Add(new FieldError("$.role", "not_in_enum", $"Expected one of {string.Join(", ", model.SpaceRoles.Names)}."));
        }

        if (request.ExpiresInHours is { } hours && (hours < 1 || hours > options.Value.MaxInvitationHours))
        {
            errors.Add(new FieldError("$.expiresInHours", "out_of_range", $"Expected 1 to {options.Value.MaxInvitationHours}."));
        }

        if (request.Uses is { } uses && (uses < 1 || uses > options.Value.MaxInvitationUses))
        {
            errors.Add(new FieldError("$.uses", "out_of_range", $"Expected 1 to {options.Value.MaxInvitationUses}."));
        }

        return errors;
    }
}
