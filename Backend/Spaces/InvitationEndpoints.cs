using Backend.Http;
using Backend.Security;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Backend.Spaces;

/// <summary><c>/v1/spaces/{id}/invitations</c>: for members whose role may invite.</summary>
internal static class InvitationEndpoints
{
    public static void MapInvitations(this IEndpointRouteBuilder spaces)
    {
        spaces.MapPost("/{id}/invitations", Invite).WithName("createInvitation")
            .WithSummary("Make an invitation; whoever has its token can enter the space.")
            .Accepts<NewInvitation>("application/json");
        spaces.MapGet("/{id}/invitations", List).WithName("listInvitations")
            .WithSummary("The invitations that were not revoked, without their tokens.");
        spaces.MapDelete("/{id}/invitations/{invitation}", Revoke).WithName("revokeInvitation")
            .WithSummary("Revoke an invitation; whom it let in stays.");
    }

    private static async Task<Results<Created<InvitationView>, ProblemHttpResult>> Invite(
        HttpContext context, string id, Caller caller, InvitePeople invite, CancellationToken ct)
    {
        var request = await JsonBody.ReadAsync(context, SpaceMessagesJsonContext.Default.NewInvitation);
        return await invite.InviteAsync(caller, id, request, ct) switch
        {
            SpaceOutcome.Invited invited => TypedResults.Created(
                $"/v1/spaces/{id}/invitations/{invited.Record.Key.Id}", SpaceViews.Of(invited.Record, invited.Token)),
            var refused => SpaceProblems.Of(refused),
        };
    }

    private static async Task<Results<Ok<InvitationList>, ProblemHttpResult>> List(
        string id, Caller caller, InvitePeople invite, CancellationToken ct) =>
        await invite.ListAsync(caller, id, ct) switch
        {
            SpaceOutcome.Invitations found => TypedResults.Ok(
                new InvitationList([.. found.Records.Select(record => SpaceViews.Of(record))])),
            var refused => SpaceProblems.Of(refused),
        };

    private static async Task<Results<NoContent, ProblemHttpResult>> Revoke(
        string id, string invitation, Caller caller, InvitePeople invite, CancellationToken ct) =>
        await invite.RevokeAsync(caller, id, invitation, ct) switch
        {
            SpaceOutcome.Revoked => TypedResults.NoContent(),
            var refused => SpaceProblems.Of(refused),
        };
}
