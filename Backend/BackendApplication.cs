using System.IO.Compression;
using System.Text.Json.Serialization;
using Backend.Admin;
using Backend.Changes;
using Backend.Configuration;
using Backend.Hooks;
using Backend.Http;
using Backend.Media;
using Backend.Merging;
using Backend.Model;
using Backend.Model.History;
using Backend.Operations;
using Backend.Orchestrations;
using Backend.Orchestrations.Admin;
using Backend.Records;
using Backend.Security;
using Backend.Spaces;
using Backend.Sync;
using Backend.Sync.Batches;
using Backend.Sync.Push;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.ResponseCompression;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace Backend;

/// <summary>
/// The product, for a host to put between its server and its adapters. A host also registers the ports:
/// <see cref="IRecordStore"/>, <see cref="IMediaStore"/>, <see cref="IImageEngine"/> and <see cref="IOrchestrator"/>.
/// </summary>
public static class BackendApplication
{
    /// <param name="services">The host's services; configuration is read from its <c>IConfiguration</c>.</param>
    /// <param name="model">What <see cref="ModelLoader"/> read.</param>
    public static IServiceCollection AddBackend(this IServiceCollection services, AppModel model)
    {
        services.AddSingleton(model);
        services.TryAddSingleton(TimeProvider.System);
        services.AddOptions<HttpOptions>().BindConfiguration("Http").ValidateOnStart();
        services.AddSingleton<IValidateOptions<HttpOptions>, HttpOptionsValidator>();
        services.AddOptions<SigningOptions>().BindConfiguration("Signing").ValidateOnStart();
        services.AddSingleton<IValidateOptions<SigningOptions>, SigningOptionsValidator>();
        services.AddSingleton<Signer>();
        services.AddSingleton<OrchestrationRegistry>();
        services.AddKnownSettings();
        services.AddHttpPipeline();
        return services.AddBackendAuthentication().AddBackendOpenApi().AddRecords().AddSync().AddMedia().AddSpaces()
            .AddModelHistory().AddChanges().AddOperations().AddAdmin().AddOrchestrationAdmin();
    }

    /// <summary>The middleware that every request goes through, and all endpoints of the API at its end.</summary>
    /// <param name="app">The pipeline: an embedded host's own, or one that a Functions trigger hands its context to.</param>
    /// <param name="mapMore">Endpoints of the host itself, under the same middleware.</param>
    public static IApplicationBuilder UseBackend(this IApplicationBuilder app, Action<IEndpointRouteBuilder>? mapMore = null)
    {
        var services = app.ApplicationServices;
        // The host does so, too, when it starts; but a setting that is read here and wrong would be told alone.
        services.GetService<IStartupValidator>()?.Validate();
        RecordHooks.Check(services.GetServices<IRecordHook>(), services.GetRequiredService<AppModel>());
        Resolvers.Check(services.GetServices<IRecordResolver>(), services.GetRequiredService<AppModel>());
        app.UseMiddleware<CorrelationId>();
        app.UseMiddleware<SecurityHeaders>();
        app.UseExceptionHandler();
        app.UseStatusCodePages();
        app.UseResponseCompression();
        app.UseRouting();
        if (services.GetRequiredService<IOptions<HttpOptions>>().Value.CorsOrigins.Count > 0)
        {
            app.UseCors(); // else it would do nothing, at the price of compiling an expression at every start
        }

        app.UseAuthentication();
        app.UseAuthorization();
        app.UseRequestDecompression();
        return app.UseEndpoints(routes =>
        {
            routes.MapRecords();
            routes.MapBatch();
            routes.MapSync();
            routes.MapSyncBatches();
            routes.MapMedia();
            routes.MapSpaces();
            routes.MapImages();
            routes.MapOperations();
            routes.MapModel();
            routes.MapAdmin();
            routes.MapOrchestrations();
            routes.MapMediaAdmin();
            routes.MapHealth();
            routes.MapBackendOpenApi();
            mapMore?.Invoke(routes);
        });
    }

    private static void AddHttpPipeline(this IServiceCollection services)
    {
        services.AddRouting();
        services.AddProblemDetails(options => options.CustomizeProblemDetails = context => Problems.Complete(context.ProblemDetails));
        services.AddExceptionHandler<ProblemExceptionHandler>();
        services.ConfigureHttpJsonOptions(static json =>
        {
            json.SerializerOptions.DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull;
            json.SerializerOptions.Encoder = JsonText.Encoder;
            json.SerializerOptions.NumberHandling = JsonNumberHandling.Strict; // "5" is no number, nor described as one
        });
        services.AddJsonContext(ProblemsJsonContext.Default);
        services.AddJsonContext(HealthJsonContext.Default);
        services.AddBackendCors();
        services.AddRequestDecompression();
        services.AddResponseCompression(options =>
        {
            // Answers hold no secret next to text of an attacker's choosing, which is what BREACH needs.
            options.EnableForHttps = true;
            options.MimeTypes = ["application/json", "application/problem+json", CreateSyncBatch.ContentType, .. SyncFormat.Protobuf.MediaTypes];
        });
        services.Configure<BrotliCompressionProviderOptions>(options => options.Level = CompressionLevel.Fastest);
        services.Configure<GzipCompressionProviderOptions>(options => options.Level = CompressionLevel.Fastest);
    }
}
