using Azure.Core;
using Azure.Identity;
using Backend.Configuration;
using Backend.Records;
using Microsoft.Azure.Cosmos;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Backend.Azure.Records;

public static class CosmosRecords
{
    /// <summary>
    /// Keeps records in Cosmos DB as the configuration section <c>Cosmos</c> says. A <see cref="CosmosClient"/> or a
    /// <see cref="TokenCredential"/> that is registered already is used as it is.
    /// </summary>
    public static IServiceCollection AddCosmosRecords(this IServiceCollection services)
    {
        services.AddOptions<CosmosOptions>().BindConfiguration(CosmosOptions.Section).ValidateOnStart();
        services.AddSingleton<IValidateOptions<CosmosOptions>, CosmosOptionsValidator>();
        services.AddKnownSection(
            CosmosOptions.Section, nameof(CosmosOptions.Endpoint), nameof(CosmosOptions.Key), nameof(CosmosOptions.Database),
            nameof(CosmosOptions.Container), nameof(CosmosOptions.ConnectionMode), nameof(CosmosOptions.LimitToEndpoint),
            nameof(CosmosOptions.AcceptAnyCertificate), nameof(CosmosOptions.MaxThrottleWait),
            nameof(CosmosOptions.MaxParallelRequests), nameof(CosmosOptions.CreateIfMissing), nameof(CosmosOptions.LeaseContainer),
            // The same section is the connection of the change feed's trigger; these are the runtime's own names.
            "accountEndpoint", "credential", "clientId", "tenantId");
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<TokenCredential>(_ => new DefaultAzureCredential());
        services.TryAddSingleton(provider => CreateClient(
            provider.GetRequiredService<IOptions<CosmosOptions>>().Value, provider.GetRequiredService<TokenCredential>));
        services.AddSingleton<CosmosRecordStore>();
        services.AddSingleton(static provider => new CosmosChangeFeed(
            provider.GetRequiredService<CosmosClient>(), provider.GetRequiredService<IOptions<CosmosOptions>>()));
        services.AddHostedService<Setup>();
        return services.AddRecordStore(static provider => provider.GetRequiredService<CosmosRecordStore>());
    }

    internal static CosmosClient CreateClient(
        CosmosOptions options, Func<TokenCredential> credential, Func<HttpClient>? httpClients = null)
    {
        // The validator made sure that there is an endpoint.
        var endpoint = options.Endpoint!.ToString();
        var settings = new CosmosClientOptions
        {
            ApplicationName = "backend",
            ConnectionMode = options.ConnectionMode,
            LimitToEndpoint = options.LimitToEndpoint,
            EnableContentResponseOnWrite = false, // the ETag is all that a write has to bring back
            MaxRetryWaitTimeOnRateLimitedRequests = options.MaxThrottleWait,
            HttpClientFactory = httpClients,
        };
        if (options.AcceptAnyCertificate)
        {
            settings.ServerCertificateCustomValidationCallback = (_, _, _) => true;
        }

        return options.Key is { Length: > 0 } key
            ? new CosmosClient(endpoint, key, settings)
            : new CosmosClient(endpoint, credential(), settings);
    }

    /// <summary>Before any service starts, and registered before those that read the store then.</summary>
    private sealed class Setup(IServiceProvider services, IOptions<CosmosOptions> options) : IHostedLifecycleService
    {
        public Task StartingAsync(CancellationToken cancellationToken) => options.Value.CreateIfMissing
            ? services.GetRequiredService<CosmosRecordStore>().EnsureCreatedAsync(cancellationToken)
            : Task.CompletedTask;

        public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
