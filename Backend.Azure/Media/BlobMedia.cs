using Azure.Core;
using Azure.Identity;
using Azure.Storage.Blobs;
using Backend.Configuration;
using Backend.Http;
using Backend.Media;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Backend.Azure.Media;

public static class BlobMedia
{
    /// <summary>
    /// Keeps media in Azure Storage as the configuration section <c>Blobs</c> says. A <see cref="BlobServiceClient"/>
    /// or a <see cref="TokenCredential"/> that is registered already is used as it is.
    /// </summary>
    public static IServiceCollection AddBlobMedia(this IServiceCollection services)
    {
        services.AddOptions<BlobOptions>().BindConfiguration(BlobOptions.Section).ValidateOnStart();
        services.AddSingleton<IValidateOptions<BlobOptions>, BlobOptionsValidator>();
        services.AddKnownSection(
            BlobOptions.Section, nameof(BlobOptions.Endpoint), nameof(BlobOptions.ConnectionString), nameof(BlobOptions.CreateIfMissing),
            // The blob trigger's connection is the same section, with names of the Functions runtime.
            "blobServiceUri", "queueServiceUri", "serviceUri", "accountName", "credential", "clientId", "tenantId");
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<TokenCredential>(_ => new DefaultAzureCredential());
        services.TryAddSingleton(CreateClient);
        services.AddSingleton<UploadSigner>();
        services.AddSingleton<BlobMediaStore>();
        services.AddSingleton<IMediaStore>(provider => provider.GetRequiredService<BlobMediaStore>());
        services.AddHostedService<Setup>();
        return services;
    }

    private static BlobServiceClient CreateClient(IServiceProvider provider)
    {
        var options = provider.GetRequiredService<IOptions<BlobOptions>>().Value;
        return options.Endpoint is { } endpoint
            ? new BlobServiceClient(endpoint, provider.GetRequiredService<TokenCredential>())
            : new BlobServiceClient(options.ConnectionString);
    }

    private sealed class Setup(IServiceProvider services, IOptions<BlobOptions> options, IOptions<HttpOptions> http) : IHostedService
    {
        public async Task StartAsync(CancellationToken cancellationToken)
        {
            if (options.Value.CreateIfMissing)
            {
                await services.GetRequiredService<BlobMediaStore>().EnsureCreatedAsync(cancellationToken);
                await BlobCors.ApplyAsync(services.GetRequiredService<BlobServiceClient>(), http.Value, cancellationToken);
            }
        }

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
