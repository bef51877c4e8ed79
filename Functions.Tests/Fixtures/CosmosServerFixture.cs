using Backend.Azure.Records;
using Functions.Tests.Fixtures;
using Functions.Tests.Records;
using Microsoft.Azure.Cosmos;
using Microsoft.Extensions.Options;

[assembly: AssemblyFixture(typeof(CosmosServerFixture))]

namespace Functions.Tests.Fixtures;

/// <summary>
/// One database and container for all tests, which keep apart by their scopes: on the account or emulator that
/// <c>COSMOS_ENDPOINT</c> and <c>COSMOS_KEY</c> name (and <c>COSMOS_ACCEPT_ANY_CERTIFICATE=true</c> where it has a
/// self-signed certificate), else on the npm server with <see cref="CosmosServerGapsHandler"/> before it. Started for
/// the first test that asks.
/// </summary>
public sealed class CosmosServerFixture : IAsyncDisposable
{
    /// <summary>The emulators' documented key; the npm server accepts any.</summary>
    private const string EmulatorKey =
        "C2y6yDjf5/R+ob0N8A7Cgv30VRDJIWEHLM+4QDU5DE2nQ9nDuVTqobD4b8mGGyPMbIZnqyMsEcaGQy67XIw/Jw==";

    private static readonly string? RealEndpoint = Environment.GetEnvironmentVariable("COSMOS_ENDPOINT");

    private readonly Lazy<Task<CosmosOptions>> _ready;
    private readonly CosmosWriteLog _log = new();
    private NodeServer? _server;

    public CosmosServerFixture() => _ready = new(StartAsync);

    /// <summary>Whether the server is the npm one, whose gaps <see cref="CosmosServerGapsHandler"/> makes up for.</summary>
    public static bool IsStandIn => string.IsNullOrEmpty(RealEndpoint);

    /// <summary>The options that lead to this server.</summary>
    public Task<CosmosOptions> OptionsAsync() => _ready.Value;

    /// <summary>A client of its own, with cold caches; the caller disposes of it.</summary>
    public async Task<CosmosClient> ClientAsync() => CreateClient(await _ready.Value);

    public async ValueTask DisposeAsync()
    {
        if (_ready.IsValueCreated && !IsStandIn)
        {
            using var client = await ClientAsync();
            await client.GetDatabase((await _ready.Value).Database).DeleteAsync();
        }

        if (_server is not null)
        {
            await _server.DisposeAsync();
        }
    }

    /// <summary>The way to the server; in a reverse proxy, the same handler stands before it.</summary>
    internal HttpMessageHandler CreateHandler() =>
        new CosmosServerGapsHandler(_log, new SocketsHttpHandler
        {
#pragma warning disable CA5359 // the npm server signs its certificate itself, and it is on this machine
            SslOptions = { RemoteCertificateValidationCallback = (_, _, _, _) => true },
#pragma warning restore CA5359
        });

    private async Task<CosmosOptions> StartAsync()
    {
        var options = new CosmosOptions
        {
            Database = $"tests-{Guid.NewGuid():N}",
            ConnectionMode = ConnectionMode.Gateway,
            LimitToEndpoint = true,
        };
        if (IsStandIn)
        {
            (_server, options.Endpoint) = await NodeServer.StartAsync("Fixtures/servers/cosmos.cjs");
            options.Key = EmulatorKey;
        }
        else
        {
            options.Endpoint = new Uri(RealEndpoint ?? "");
            options.Key = Environment.GetEnvironmentVariable("COSMOS_KEY") ?? EmulatorKey;
            options.AcceptAnyCertificate = bool.TryParse(
                Environment.GetEnvironmentVariable("COSMOS_ACCEPT_ANY_CERTIFICATE"), out var any) && any;
        }

        using var client = CreateClient(options);
        await new CosmosRecordStore(client, Options.Create(options), RecordStoreContract.Model, TimeProvider.System).EnsureCreatedAsync(CancellationToken.None);
        return options;
    }

    private CosmosClient CreateClient(CosmosOptions options) => CosmosRecords.CreateClient(
        options,
        () => throw new InvalidOperationException("The tests sign in by key."),
        IsStandIn ? () => new HttpClient(CreateHandler()) : null);
}
