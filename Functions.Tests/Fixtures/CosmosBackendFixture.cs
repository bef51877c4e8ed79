using Microsoft.Extensions.DependencyInjection;

namespace Functions.Tests.Fixtures;

/// <summary>
/// <c>Local --store cosmos</c> in a database of its own beside that of <see cref="CosmosServerFixture"/>, started for the
/// first test that asks.
/// </summary>
public sealed class CosmosBackendFixture(CosmosServerFixture server) : BackendFixture
{
    protected override async Task<LocalBackend> StartAsync()
    {
        var options = await server.OptionsAsync();
        var client = await server.ClientAsync();
        return await LocalBackend.StartWithAsync(
            services => services.AddSingleton(_ => client),
            null,
            "--store", "cosmos",
            $"--Cosmos:Endpoint={options.Endpoint}",
            $"--Cosmos:Key={options.Key}",
            $"--Cosmos:Database={options.Database}",
            "--Cosmos:Container=local",
            "--Cosmos:CreateIfMissing=true");
    }
}
