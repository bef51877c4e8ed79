using System.Globalization;
using Backend.Records;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Backend.Http;

/// <summary>The one place where exceptions become answers: the client gets a safe message, the log the cause.</summary>
internal sealed partial class ProblemExceptionHandler(ILogger<ProblemExceptionHandler> logger) : IExceptionHandler
{
    private const int ClientClosedRequest = 499;

    private static readonly TimeSpan DefaultRetryAfter = TimeSpan.FromSeconds(5);

    public async ValueTask<bool> TryHandleAsync(HttpContext context, Exception exception, CancellationToken ct)
    {
        switch (exception)
        {
            case RequestException request:
                await request.Problem.ExecuteAsync(context);
                return true;
            case BadHttpRequestException bad:
                var code = bad.StatusCode == StatusCodes.Status413PayloadTooLarge ? "payload_too_large" : "bad_request";
                await Problems.Create(bad.StatusCode, code, bad.Message).ExecuteAsync(context);
                return true;
            case OperationCanceledException when context.RequestAborted.IsCancellationRequested:
                context.Response.StatusCode = ClientClosedRequest;
                return true;
            case StoreUnavailableException unavailable:
                LogUnavailable(exception, context.Request.Method, context.Request.Path);
                var wait = Math.Ceiling((unavailable.RetryAfter ?? DefaultRetryAfter).TotalSeconds);
                context.Response.Headers.RetryAfter = wait.ToString(CultureInfo.InvariantCulture);
                await Problems.Create(
                    StatusCodes.Status503ServiceUnavailable, "unavailable",
                    "The server cannot answer at the moment. Try again after the time that Retry-After states.").ExecuteAsync(context);
                return true;
            default:
                LogUnhandled(exception, context.Request.Method, context.Request.Path);
                await Problems.Create(
                    StatusCodes.Status500InternalServerError, "internal_error",
                    "The server failed to answer. The log has the cause under this traceId.").ExecuteAsync(context);
                return true;
        }
    }

    [LoggerMessage(LogLevel.Warning, "{Method} {Path} found a store unavailable")]
    private partial void LogUnavailable(Exception exception, string method, PathString path);

    [LoggerMessage(LogLevel.Error, "{Method} {Path} failed")]
    private partial void LogUnhandled(Exception exception, string method, PathString path);
}
