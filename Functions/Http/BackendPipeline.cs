using Backend;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Functions.Http;

/// <summary>
/// The product's middleware and endpoints, the same that the embedded host runs: built once, given every request.
/// </summary>
internal sealed class BackendPipeline(IServiceProvider services)
{
    private readonly RequestDelegate _pipeline = new ApplicationBuilder(services).UseBackend().Build();

    /// <summary>Answers a request completely. Its services must be those of the function's invocation.</summary>
    public Task RunAsync(HttpContext context)
    {
        // The worker has routed the request to the function; the product routes it again, to the endpoint.
        context.SetEndpoint(null);
        context.Request.RouteValues.Clear();
        return _pipeline(context);
    }
}

internal static class BackendPipelineServices
{
    public static IServiceCollection AddBackendPipeline(this IServiceCollection services) => services
        .AddSingleton<BackendPipeline>()
        .AddSingleton<WarmUp>()
        .Configure<KestrelServerOptions>(static kestrel => kestrel.AddServerHeader = false)
        // Every line that the worker logs crosses to the host: what frameworks say about a normal request does not.
        .AddLogging(static logging => logging
            .AddFilter("Azure", LogLevel.Warning)
            .AddFilter("Microsoft", LogLevel.Warning)
            .AddFilter("System", LogLevel.Warning));
}
