using Azure.Storage.Blobs;
using Backend.Azure.Media;
using Backend.Configuration;
using Backend.Media;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace Local.BlobStorage;

/// <summary>
/// The embedded host on the media store of Azure: <c>--blobs azurite</c> and <c>--blobs azure</c>. It is left out of a
/// program that is compiled ahead of time, as <see cref="Cosmos.CosmosStore"/> is.
/// </summary>
internal static class BlobStorageServices
{
    /// <summary>Azurite where it listens when nothing else is said, with the account that it is documented to have.</summary>
    private const string Azurite = "UseDevelopmentStorage=true";

    /// <param name="services">The host's services.</param>
    /// <param name="isAzurite">Whether what the settings leave open is as Azurite on this machine has it.</param>
    public static IServiceCollection AddBlobStorage(this IServiceCollection services, bool isAzurite)
    {
        if (isAzurite)
        {
            services.PostConfigure<BlobOptions>(static options =>
            {
                options.CreateIfMissing = true;
                if (options.Endpoint is null && string.IsNullOrEmpty(options.ConnectionString))
                {
                    options.ConnectionString = Azurite;
                }
            });
        }

        var advice = isAzurite
            ? "Start Azurite (npx azurite --location .data/azurite), or say with Blobs:ConnectionString where it listens."
            : "Check Blobs:Endpoint or Blobs:ConnectionString, and the account's firewall.";
        services.AddHostedService(provider => new BlobStorageStart(
            provider.GetRequiredService<BlobMediaStore>(), provider.GetRequiredService<BlobServiceClient>(),
            provider.GetRequiredService<IOptions<BlobOptions>>(), advice));
        services.AddOptions<UploadPollingOptions>().BindConfiguration(UploadPollingOptions.Section).ValidateOnStart();
        services.TryAddSingleton<IValidateOptions<UploadPollingOptions>, UploadPollingOptionsValidator>();
        services.AddKnownSection(
            UploadPollingOptions.Section, nameof(UploadPollingOptions.IntervalMilliseconds),
            nameof(UploadPollingOptions.TimeoutSeconds));
        return services
            .AddBlobMedia()
            .AddSingleton<UploadSlots>()
            .AddSingleton<IMediaStore, WatchedMediaStore>()
            .AddHostedService<UploadPoller>();
    }
}
