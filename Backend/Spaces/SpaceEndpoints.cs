using Backend.Http;
using Backend.Operations;
using Backend.Records;
using Backend.Security;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Backend.Spaces;

/// <summary><c>/v1/spaces</c>: groups of people who share records, and their members.</summary>
internal static class SpaceEndpoints
{
    public static void MapSpaces(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/v1/spaces").RequireAuthorization().WithTags("Spaces");
        group.MapPost("/", Create).WithName("createSpace").WithSummary("Make a space; the caller becomes its owner.")
            .Accepts<NewSpace>("application/json");
        group.MapGet("/", List).WithName("listSpaces").WithSummary("The spaces that the caller is in.");
        group.MapGet("/{id}", Get).WithName("getSpace").WithSummary("A space and its members.");
        group.MapPatch("/{id}", Rename).WithName("renameSpace").WithSummary("Rename a space; for owners.")
            .Accepts<SpacePatch>("application/json", "application/merge-patch+json");
        group.MapDelete("/{id}", Delete).WithName("deleteSpace").WithSummary("Delete a space with all that is in it; for owners.");
        group.MapPost("/{id}:restore", Restore).WithName("restoreSpace").WithSummary("Bring a deleted space back; for its owners.");
        group.MapPost("/{id}:purge", Purge).WithName("purgeSpace")
            .WithSummary("Remove what is in a deleted space for good, now; for its owners.");
        group.MapPost("/{id}:transfer", Transfer).WithName("transferSpace")
            .WithSummary("Make another member the owner; the caller becomes an editor.")
            .Accepts<SpaceTransfer>("application/json");
        // The rest of the path: a user's id may have slashes in it.
        group.MapPut("/{id}/members/{**user}", SetRole).WithName("setSpaceMember").WithSummary("Change a member's role; for owners.")
            .Accepts<MemberRole>("application/json");
        group.MapDelete("/{id}/members/{**user}", Remove).WithName("removeSpaceMember")
            .WithSummary("Leave a space, or, for owners, take a member out of it.");
        group.MapInvitations();
        routes.MapPost("/v1/spaces:join", Join).RequireAuthorization().WithTags("Spaces").WithName("joinSpace")
            .WithSummary("Enter a space by an invitation.").Accepts<UsedInvitation>("application/json");
    }

    private static async Task<Results<Created<SpaceView>, ProblemHttpResult>> Create(
        HttpContext context, Caller caller, CreateSpace create, CancellationToken ct)
    {
        var request = await JsonBody.ReadAsync(context, SpaceMessagesJsonContext.Default.NewSpace);
        return await create.ExecuteAsync(caller, request.Name, ct) switch
        {
            SpaceOutcome.Done done => TypedResults.Created($"/v1/spaces/{done.Record.Key.Id}", View(context, caller, done)),
            var refused => SpaceProblems.Of(refused),
        };
    }

    private static async Task<Ok<SpaceList>> List(Caller caller, ListSpaces list, CancellationToken ct) =>
        TypedResults.Ok(new SpaceList([.. (await list.ExecuteAsync(caller.Id, ct)).Select(done => SpaceViews.Summary(done, caller))]));

    private static async Task<Results<Ok<SpaceView>, StatusCodeHttpResult, ProblemHttpResult>> Get(
        HttpContext context, string id, Caller caller, ChangeSpace change, CancellationToken ct)
    {
        if (await change.ReadAsync(caller, id, ct) is var outcome && outcome is not SpaceOutcome.Done)
        {
            return SpaceProblems.Of(outcome);
        }

        var done = (SpaceOutcome.Done)outcome;
        var view = View(context, caller, done);
        return ETagCondition.Parse(context.Request.Headers.IfNoneMatch).Names(done.Record.ETag)
            ? TypedResults.StatusCode(StatusCodes.Status304NotModified)
            : TypedResults.Ok(view);
    }

    private static async Task<Results<Ok<SpaceView>, ProblemHttpResult>> Rename(
        HttpContext context, string id, Caller caller, ChangeSpace change, CancellationToken ct)
    {
        var request = await JsonBody.ReadAsync(context, SpaceMessagesJsonContext.Default.SpacePatch);
        return Answer(context, caller, await change.RenameAsync(caller, id, request.Name, IfMatch(context), ct));
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> Delete(
        HttpContext context, string id, Caller caller, DeleteSpace delete, CancellationToken ct) =>
        AnswerGone(await delete.ExecuteAsync(caller, id, IfMatch(context), ct));

    private static async Task<Results<Ok<SpaceView>, ProblemHttpResult>> Restore(
        HttpContext context, string id, Caller caller, DeleteSpace delete, CancellationToken ct) =>
        Answer(context, caller, await delete.RestoreAsync(caller, id, ct));

    private static async Task<Results<Accepted<OperationView>, ProblemHttpResult>> Purge(
        HttpContext context, string id, Caller caller, DeleteSpace delete, FindOperation find, CancellationToken ct) =>
        await delete.PurgeAsync(caller, id, ct) is { } operation && await find.ExecuteAsync(caller.Id, operation, ct) is { } started
            ? OperationEndpoints.Accepted(context, started)
            : SpaceProblems.Of(new SpaceOutcome.NotFound(id));

    private static async Task<Results<Ok<SpaceView>, ProblemHttpResult>> Transfer(
        HttpContext context, string id, Caller caller, ChangeSpace change, CancellationToken ct)
    {
        var request = await JsonBody.ReadAsync(context, SpaceMessagesJsonContext.Default.SpaceTransfer);
        return Answer(context, caller, await change.TransferAsync(caller, id, request.To, IfMatch(context), ct));
    }

    private static async Task<Results<Ok<SpaceView>, ProblemHttpResult>> SetRole(
        HttpContext context, string id, string user, Caller caller, ChangeSpace change, CancellationToken ct)
    {
        var request = await JsonBody.ReadAsync(context, SpaceMessagesJsonContext.Default.MemberRole);
        return Answer(context, caller, await change.SetRoleAsync(caller, id, UserOf(user), request.Role, IfMatch(context), ct));
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> Remove(
        HttpContext context, string id, string user, Caller caller, RemoveMember remove, CancellationToken ct) =>
        AnswerGone(await remove.ExecuteAsync(caller, id, UserOf(user), IfMatch(context), ct));

    private static async Task<Results<Ok<SpaceView>, ProblemHttpResult>> Join(
        HttpContext context, Caller caller, JoinSpace join, CancellationToken ct)
    {
        var request = await JsonBody.ReadAsync(context, SpaceMessagesJsonContext.Default.UsedInvitation);
        return Answer(context, caller, await join.ExecuteAsync(caller, request.Invitation, ct));
    }

    private static Results<Ok<SpaceView>, ProblemHttpResult> Answer(HttpContext context, Caller caller, SpaceOutcome outcome) =>
        outcome is SpaceOutcome.Done done ? TypedResults.Ok(View(context, caller, done)) : SpaceProblems.Of(outcome);

    private static Results<NoContent, ProblemHttpResult> AnswerGone(SpaceOutcome outcome) =>
        outcome is SpaceOutcome.Done ? TypedResults.NoContent() : SpaceProblems.Of(outcome);

    private static SpaceView View(HttpContext context, Caller caller, SpaceOutcome.Done done)
    {
        var headers = context.Response.Headers;
        headers.ETag = done.Record.ETag.ToHeader();
        headers.CacheControl = "private, no-cache";
        headers.Vary = "Authorization";
        return SpaceViews.Of(done, caller);
    }

    private static ETagCondition IfMatch(HttpContext context) => ETagCondition.Parse(context.Request.Headers.IfMatch);

    /// <summary>Of all that is escaped in a path, the server leaves this as it is.</summary>
    private static string UserOf(string segment) => segment.Replace("%2F", "/", StringComparison.OrdinalIgnoreCase);
}
