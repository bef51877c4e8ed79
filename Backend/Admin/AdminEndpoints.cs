using System.Diagnostics;
using Backend.Http;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Backend.Admin;

/// <summary><c>/v1/admin</c>: for operators and developers, behind a role of its own.</summary>
internal static class AdminEndpoints
{
    public static IServiceCollection AddAdmin(this IServiceCollection services) => services
        .AddAdminPolicy()
        .AddSingleton<AuditLog>()
        .AddSingleton<ExplainRules>()
        .AddJsonContext(AdminJsonContext.Default);

    public static void MapAdmin(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapAdminGroup();
        group.MapPost("/rules:explain", Explain)
            .WithName("explainRules")
            .WithSummary("Why the rules let a caller do something with a record, or do not.")
            .Accepts<ExplainRequest>("application/json")
            .ProducesProblem(StatusCodes.Status400BadRequest);
    }

    /// <summary>Where every admin endpoint is mapped: the policy and the audit log come with the group.</summary>
    public static RouteGroupBuilder MapAdminGroup(this IEndpointRouteBuilder routes)
    {
        var audit = routes.ServiceProvider.GetRequiredService<AuditLog>();
        return routes.MapGroup("/v1/admin")
            .RequireAuthorization(AdminPolicy.Name)
            .AddEndpointFilter(audit)
            .WithTags("Admin");
    }

    private static async Task<Results<Ok<ExplainAnswer>, ProblemHttpResult>> Explain(
        HttpContext context, ExplainRules explain, CancellationToken ct)
    {
        var request = await JsonBody.ReadAsync(context, AdminJsonContext.Default.ExplainRequest);
        AuditLog.Name(context, $"{ExplainRules.NameOf(request.Operation)} of {request.Collection} for {request.Caller.Id}");
        return await explain.ExecuteAsync(request, ct) switch
        {
            ExplainOutcome.Explained explained => TypedResults.Ok(explained.Answer),
            ExplainOutcome.CollectionNotFound missing => Problems.CollectionNotFound(missing.Collection),
            ExplainOutcome.ScopeNotFound missing => Problems.ScopeNotFound(missing.Scope),
            ExplainOutcome.RecordNotFound missing => Problems.RecordNotFound(missing.Collection, missing.Id),
            ExplainOutcome.Invalid invalid => Problems.Invalid(invalid.Errors),
            _ => throw new UnreachableException(),
        };
    }
}
