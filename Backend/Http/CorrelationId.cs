using System.Buffers;
using System.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Backend.Http;

/// <summary>
/// Gives every answer an <c>X-Correlation-Id</c>: the client's own when it sent a sensible one, else the trace id. It
/// stands beside every log line of the request.
/// </summary>
internal sealed class CorrelationId(RequestDelegate next, ILogger<CorrelationId> logger)
{
    public const string Header = "X-Correlation-Id";

    private const int MaxLength = 64;

    /// <summary>Nothing that could forge a log line or a header.</summary>
    private static readonly SearchValues<char> Allowed =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.");

    private static readonly Func<ILogger, string, IDisposable?> Scope =
        LoggerMessage.DefineScope<string>("CorrelationId:{CorrelationId}");

    public async Task InvokeAsync(HttpContext context)
    {
        var sent = context.Request.Headers[Header].ToString();
        var id = sent.Length is > 0 and <= MaxLength && !sent.AsSpan().ContainsAnyExcept(Allowed)
            ? sent
            : Activity.Current?.TraceId.ToString() ?? context.TraceIdentifier;
        // When the answer starts, not now: answers to exceptions drop the headers that were set before.
        context.Response.OnStarting(() =>
        {
            context.Response.Headers[Header] = id;
            return Task.CompletedTask;
        });
        using (Scope(logger, id))
        {
            await next(context);
        }
    }
}
