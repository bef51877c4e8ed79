using Backend.Http;
using Backend.Orchestrations;
using Backend.Records;
using Backend.Security;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Backend.Operations;

/// <summary><c>/v1/operations</c>: long work that a request of the caller has started.</summary>
internal static class OperationEndpoints
{
    public static IServiceCollection AddOperations(this IServiceCollection services) => services
        .AddSingleton(static provider => new StartOperation(
            provider.GetRequiredService<IRecordStore>(),
            provider.GetRequiredService<IOrchestrator>(),
            provider.GetRequiredService<TimeProvider>()))
        .AddSingleton<FindOperation>()
        .AddJsonContext(OperationJsonContext.Default);

    public static void MapOperations(this IEndpointRouteBuilder routes) =>
        routes.MapGroup("/v1/operations").RequireAuthorization().WithTags("Operations").MapGet("/{id}", Get)
            .WithName("getOperation")
            .WithSummary("What became of long work that a request of the caller has started.")
            .ProducesProblem(StatusCodes.Status404NotFound);

    private static async Task<Results<Ok<OperationView>, ProblemHttpResult>> Get(
        HttpContext context, string id, Caller caller, FindOperation find, TimeProvider time, CancellationToken ct)
    {
        context.Response.Headers.CacheControl = "private, no-store";
        if (await find.ExecuteAsync(caller.Id, id, ct) is not { } operation)
        {
            return Problems.Create(
                StatusCodes.Status404NotFound, "operation_not_found", $"You have no operation {id}, or it ended long ago.");
        }

        if (!operation.HasEnded)
        {
            context.AskAgainLater(time.GetUtcNow() - operation.CreatedAt);
        }

        return TypedResults.Ok(operation);
    }

    /// <summary>The answer to the request that started it: where to ask, and when.</summary>
    public static Accepted<OperationView> Accepted(HttpContext context, OperationView operation)
    {
        context.AskAgainLater(TimeSpan.Zero);
        return TypedResults.Accepted($"/v1/operations/{operation.Id}", operation);
    }

    /// <summary>
    /// Says when it is worth asking again, in <c>Retry-After</c>: the longer the work has been going on, the later, from a
    /// second to a minute.
    /// </summary>
    public static void AskAgainLater(this HttpContext context, TimeSpan sinceStart) =>
        context.Response.Headers.RetryAfter = $"{Math.Clamp((int)(sinceStart.TotalSeconds / 4), 1, 60)}";
}
