using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Functions.Http;

/// <summary>
/// Does what a first request would otherwise wait for: connects to the stores, compiles the routes, fetches the
/// identity provider's keys. An instance that cannot do so serves all the same; its requests will say why.
/// </summary>
internal sealed partial class WarmUp(
    BackendPipeline pipeline, IOptionsMonitor<JwtBearerOptions> tokens, ILogger<WarmUp> logger)
{
    public async Task RunAsync(IServiceProvider services, CancellationToken ct)
    {
        await Task.WhenAll(ProbeAsync(services, ct), FetchKeysAsync(ct));
    }

    private async Task ProbeAsync(IServiceProvider services, CancellationToken ct)
    {
        var context = new DefaultHttpContext { RequestServices = services, RequestAborted = ct };
        (context.Request.Method, context.Request.Path) = (HttpMethods.Get, "/health/ready");
        await pipeline.RunAsync(context);
        LogProbed(context.Response.StatusCode);
    }

    private async Task FetchKeysAsync(CancellationToken ct)
    {
        try
        {
            if (tokens.Get(JwtBearerDefaults.AuthenticationScheme).ConfigurationManager is { } provider)
            {
                await provider.GetConfigurationAsync(ct);
            }
        }
        catch (Exception exception) when (!ct.IsCancellationRequested)
        {
            LogNoKeys(exception);
        }
    }

    [LoggerMessage(LogLevel.Information, "Warmed up; readiness answered {Status}")]
    private partial void LogProbed(int status);

    [LoggerMessage(LogLevel.Warning, "The identity provider's keys could not be fetched while warming up")]
    private partial void LogNoKeys(Exception exception);
}
