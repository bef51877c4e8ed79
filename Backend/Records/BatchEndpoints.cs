using System.Diagnostics;
using Backend.Http;
using Backend.Security;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Backend.Records;

/// <summary><c>/v1/data:batch</c>.</summary>
internal static class BatchEndpoints
{
    public static void MapBatch(this IEndpointRouteBuilder routes) =>
        routes.MapPost("/v1/data:batch", Apply)
            .RequireAuthorization()
            .WithTags("Records")
            .WithName("applyBatch")
            .WithSummary("Write several records of one scope, all or none.")
            .Accepts<BatchRequest>("application/json")
            .Produces<BatchResults>()
            .AddOpenApiOperationTransformer(static (operation, _, _) =>
            {
                (operation.Parameters ??= []).Add(RecordOpenApi.IdempotencyKeyHeader());
                return Task.CompletedTask;
            });

    private static async Task<IResult> Apply(HttpContext context, Caller caller, ApplyBatch apply, CancellationToken ct)
    {
        var (request, body) = await JsonBody.ReadWithElementAsync(context, BatchJsonContext.Default.BatchRequest);
        var key = IdempotencyKey.Read(context, caller, body);
        return await apply.ExecuteAsync(caller, request, key, ct) switch
        {
            BatchOutcome.Done done => new StoredAnswerResult(done.Answer, done.IsReplay),
            BatchOutcome.Invalid invalid => Problems.Invalid(invalid.Errors),
            BatchOutcome.Refused refused => Refused(refused.Failures),
            BatchOutcome.TooLarge large => Problems.BatchTooLarge(large.Bytes, large.Limit),
            BatchOutcome.KeyReused => Problems.IdempotencyKeyReused(),
            BatchOutcome.Contended => Problems.Contended(),
            _ => throw new UnreachableException(),
        };
    }

    /// <summary>The problem of the first operation that fails, with the errors of all that do.</summary>
    private static ProblemHttpResult Refused(IReadOnlyList<(int Index, RecordOutcome Outcome)> failures)
    {
        var problems = failures.Select(failure => (failure.Index, Problem: RecordProblems.Of(failure.Outcome))).ToList();
        var (_, first) = problems[0];
        return Problems.Create(
            first.StatusCode,
            Problems.CodeOf(first),
            "Nothing was written: operations of the batch fail; see errors.",
            [.. problems.SelectMany(each => Errors(each.Index, each.Problem))]);
    }

    private static IEnumerable<FieldError> Errors(int index, ProblemHttpResult problem)
    {
        var operation = $"$.operations[{index}]";
        return Problems.ErrorsOf(problem) is { } errors
            ? errors.Select(error => error with
            {
                Path = error.Path == "$" ? operation : $"{operation}.fields{error.Path[1..]}",
            })
            : [new FieldError(operation, Problems.CodeOf(problem), problem.ProblemDetails.Detail ?? "")];
    }
}
