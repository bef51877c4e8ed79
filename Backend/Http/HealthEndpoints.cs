using System.Text.Json.Serialization;
using Backend.Media;
using Backend.Orchestrations;
using Backend.Records;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Logging;

namespace Backend.Http;

/// <summary>
/// <c>/health/live</c>: the process answers; restart it when it does not. <c>/health/ready</c>: its stores answer too;
/// send it no requests while they do not. Neither says anything that an attacker could use.
/// </summary>
internal static partial class HealthEndpoints
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(5);

    public static void MapHealth(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/health").AllowAnonymous().WithTags("Health");
        group.MapGet("/live", Live).WithName("live").WithSummary("Whether the process answers.");
        group.MapGet("/ready", Ready).WithName("ready").WithSummary("Whether the stores answer too.");
    }

    private static Ok<Health> Live() => TypedResults.Ok(new Health("live", []));

    private static async Task<Results<Ok<Health>, JsonHttpResult<Health>>> Ready(
        IRecordStore records, IMediaStore media, IOrchestrator orchestrator, ILoggerFactory loggers, CancellationToken ct)
    {
        var logger = loggers.CreateLogger(typeof(HealthEndpoints));
        HealthCheck[] checks =
        [
            .. await Task.WhenAll(
                CheckAsync("records", records.CheckAsync, logger, ct),
                CheckAsync("media", media.CheckAsync, logger, ct),
                CheckAsync("orchestrations", orchestrator.CheckAsync, logger, ct)),
        ];
        return Array.TrueForAll(checks, check => check.IsHealthy)
            ? TypedResults.Ok(new Health("ready", checks))
            : TypedResults.Json(
                new Health("unready", checks), HealthJsonContext.Default.Health, statusCode: StatusCodes.Status503ServiceUnavailable);
    }

    private static async Task<HealthCheck> CheckAsync(
        string name, Func<CancellationToken, Task> check, ILogger logger, CancellationToken ct)
    {
        try
        {
            await check(ct).WaitAsync(Timeout, ct);
            return new HealthCheck(name, true);
        }
        catch (Exception exception) when (!ct.IsCancellationRequested)
        {
            LogUnhealthy(logger, exception, name);
            return new HealthCheck(name, false);
        }
    }

    [LoggerMessage(LogLevel.Error, "The health check of {Name} failed")]
    private static partial void LogUnhealthy(ILogger logger, Exception exception, string name);
}

/// <param name="Status"><c>live</c>, <c>ready</c> or <c>unready</c>.</param>
/// <param name="Checks">What was asked.</param>
internal sealed record Health(string Status, IReadOnlyList<HealthCheck> Checks);

internal sealed record HealthCheck(string Name, bool IsHealthy);

[JsonSerializable(typeof(Health))]
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
internal sealed partial class HealthJsonContext : JsonSerializerContext;
