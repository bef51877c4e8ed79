using System.Diagnostics;
using Backend.Http;
using Backend.Security;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Options;

namespace Backend.Sync;

/// <summary><c>/v1/sync</c>.</summary>
internal static class SyncEndpoints
{
    public static void MapSync(this IEndpointRouteBuilder routes) =>
        routes.MapPost("/v1/sync", Exchange)
            .RequireAuthorization()
            .WithTags("Sync")
            .WithName("exchange")
            .WithSummary("Pull what changed in one or more scopes since their cursors.")
            .Accepts<SyncRequest>("application/json")
            .Produces<SyncAnswer>();

    private static async Task<IResult> Exchange(
        HttpContext context, Caller caller, PullChanges pull, IOptions<SyncOptions> options, TimeProvider time,
        CancellationToken ct)
    {
        var request = await JsonBody.ReadAsync(context, SyncJsonContext.Default.SyncRequest);
        var errors = SyncChecks.FindErrors(request, options.Value);
        if (errors.Count > 0)
        {
            return Problems.Invalid(errors);
        }

        var changes = new List<ScopeChanges>();
        foreach (var (i, scope) in (request.Pull ?? []).OfType<PullRequest>().Index())
        {
            var limit = request.Limit ?? options.Value.DefaultPageSize;
            switch (await pull.ExecuteAsync(caller, scope.Scope, scope.Cursor, limit, ct))
            {
                case PullOutcome.Pulled pulled:
                    changes.Add(pulled.Changes);
                    break;
                case PullOutcome.ScopeNotFound missing:
                    return Problems.ScopeNotFound(missing.Scope);
                case PullOutcome.InvalidCursor:
                    return Problems.Invalid(
                        $"$.pull[{i}].cursor", "invalid_cursor", "This server did not issue this cursor for this scope.");
                default:
                    throw new UnreachableException();
            }
        }

        return new SyncResult(changes, time.GetUtcNow());
    }
}
