using Backend.Security;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Backend.Admin;

/// <summary>
/// One line in the log for each admin action, whichever endpoint carries it out: who did what, and how it was answered.
/// Never the content of records or requests.
/// </summary>
internal sealed partial class AuditLog(ILogger<AuditLog> logger) : IEndpointFilter
{
    public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var request = context.HttpContext.Request;
        var caller = Caller.From(context.HttpContext.User)?.Id;
        var status = StatusCodes.Status500InternalServerError; // what becomes of an exception
        try
        {
            var result = await next(context);
            status = StatusOf(result);
            return result;
        }
        catch (Http.RequestException exception)
        {
            status = exception.Problem.StatusCode;
            throw;
        }
        finally
        {
            LogAction(caller, request.Method, request.Path, context.HttpContext.Features.Get<AuditTarget>()?.Text ?? "not read", status);
        }
    }

    /// <summary>What an action is about, for its line in the log.</summary>
    public static void Name(HttpContext context, string target) => context.Features.Set(new AuditTarget(target));

    private static int StatusOf(object? result) => result switch
    {
        INestedHttpResult nested => StatusOf(nested.Result),
        IStatusCodeHttpResult { StatusCode: { } status } => status,
        _ => StatusCodes.Status200OK,
    };

    [LoggerMessage(LogLevel.Information, "Admin {Caller}: {Method} {Path} ({Target}) answered {Status}")]
    private partial void LogAction(string? caller, string method, PathString path, string? target, int status);

    private sealed record AuditTarget(string Text);
}
