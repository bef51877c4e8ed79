using Backend.Azure.Records;
using Functions.Tests.Fixtures;
using Microsoft.Azure.Cosmos;
using Microsoft.Extensions.DependencyInjection;

namespace Functions.Tests.Cost;

/// <summary>A host on Cosmos DB, in a container of its own, whose requests to it are counted. One test at a time uses it.</summary>
public sealed class CostFixture(CosmosServerFixture server) : IAsyncLifetime
{
    private LocalBackend? _backend;
    private CosmosClient? _client;
    private CosmosRequestCounter? _counter;

    internal CosmosRequestCounter Counter => _counter ?? throw new InvalidOperationException("The fixture has not started");

    private LocalBackend Backend => _backend ?? throw new InvalidOperationException("The fixture has not started");

    /// <summary>A user of this host whom no other test knows.</summary>
    internal Task<ApiClient> NewUserAsync() => ApiClient.CreateAsync(Backend.Url, new Uri(Backend.Url, "/dev/token"), $"user-{Guid.NewGuid():n}");

    public async ValueTask InitializeAsync()
    {
        Assert.SkipUnless(CosmosServerFixture.IsStandIn, "Requests are counted between the SDK and the npm server");
        var options = await server.OptionsAsync();
        _client = CosmosRecords.CreateClient(
            options, () => throw new InvalidOperationException("The tests sign in by key."),
            () => new HttpClient(_counter = new CosmosRequestCounter(server.CreateHandler())));
        _backend = await LocalBackend.StartWithAsync(
            services => services.AddSingleton(_ => _client),
            null,
            "--store", "cosmos",
            $"--Cosmos:Endpoint={options.Endpoint}",
            $"--Cosmos:Key={options.Key}",
            $"--Cosmos:Database={options.Database}",
            "--Cosmos:Container=cost",
            "--Cosmos:CreateIfMissing=true");
    }

    public async ValueTask DisposeAsync()
    {
        if (_backend is not null)
        {
            await _backend.DisposeAsync();
        }

        _client?.Dispose();
    }
}
