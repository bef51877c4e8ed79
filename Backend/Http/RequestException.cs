using Microsoft.AspNetCore.Http.HttpResults;

namespace Backend.Http;

/// <summary>
/// Carries the problem of a request that could not be bound, as the framework's own BadHttpRequestException does:
/// binding has no return value for failures. Handlers answer with results instead.
/// </summary>
internal sealed class RequestException(ProblemHttpResult problem) : Exception(problem.ProblemDetails.Detail)
{
    public ProblemHttpResult Problem { get; } = problem;
}
