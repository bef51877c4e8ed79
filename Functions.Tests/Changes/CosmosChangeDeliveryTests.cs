using Functions.Tests.Fixtures;
using Microsoft.Extensions.DependencyInjection;

namespace Functions.Tests.Changes;

/// <summary><c>Local --store cosmos</c>, with a container of its own for each test: its feed has all scopes.</summary>
public sealed class CosmosChangeDeliveryTests(CosmosServerFixture server) : ChangeDeliveryContract
{
    private readonly string _container = $"changes-{Guid.NewGuid():N}";

    protected override async Task<LocalBackend> StartAsync(
        Action<IServiceCollection> configure, string data, string[] settings)
    {
        var options = await server.OptionsAsync();
        var client = await server.ClientAsync();
        return await LocalBackend.StartWithAsync(
            services =>
            {
                services.AddSingleton(_ => client);
                configure(services);
            },
            data,
            [
                "--store", "cosmos", $"--Cosmos:Endpoint={options.Endpoint}", $"--Cosmos:Key={options.Key}",
                $"--Cosmos:Database={options.Database}", $"--Cosmos:Container={_container}", "--Cosmos:CreateIfMissing=true",
                .. settings,
            ]);
    }
}
