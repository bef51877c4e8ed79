using System.Diagnostics;
using Backend.Http;
using Backend.Security;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Backend.Sync;

/// <summary><c>/v1/sync</c>.</summary>
internal static class SyncEndpoints
{
    public static void MapSync(this IEndpointRouteBuilder routes) =>
        routes.MapPost("/v1/sync", Exchange)
            .RequireAuthorization()
            .WithTags("Sync")
            .WithName("exchange")
            .WithSummary("Push what is queued, and pull what changed in one or more scopes since their cursors.")
            .Accepts<SyncRequest>(SyncFormat.Json.MediaTypes[0], [.. SyncFormat.Protobuf.MediaTypes])
            .Produces<SyncAnswer>(StatusCodes.Status200OK, SyncFormat.Json.MediaTypes[0], [.. SyncFormat.Protobuf.MediaTypes]);

    /// <remarks>Internal for the simulator, which has no socket.</remarks>
    internal static async Task<IResult> Exchange(
        HttpContext context, Caller caller, ExchangeChanges exchange, CancellationToken ct)
    {
        var (answer, mediaType) = SyncFormat.ForAnswer(context.Request);
        var request = await SyncFormat.Of(context.Request).ReadAsync(context);
        return await exchange.ExecuteAsync(caller, request, ct) switch
        {
            SyncOutcome.Done done => answer.Answer(done, mediaType),
            SyncOutcome.Invalid invalid => Problems.Invalid(invalid.Errors),
            SyncOutcome.ScopeNotFound missing => Problems.ScopeNotFound(missing.Scope),
            SyncOutcome.SchemaTooOld old => Problems.SchemaTooOld(old.Schema, old.Oldest, old.Changes),
            _ => throw new UnreachableException(),
        };
    }
}
