using Azure.Storage.Blobs;
using Functions.Tests.Fixtures;

[assembly: AssemblyFixture(typeof(AzuriteFixture))]

namespace Functions.Tests.Fixtures;

/// <summary>Azurite's blob service in memory, started for the first test that asks and shared by all.</summary>
public sealed class AzuriteFixture : IAsyncDisposable
{
    /// <summary>The account that Azurite is documented to have; its key is public and opens nothing else.</summary>
    public const string Account = "devstoreaccount1";
    public const string AccountKey =
        "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";

    private readonly Lazy<Task<(NodeServer Server, Uri Address)>> _running = new(() => StartAsync());

    /// <summary>A connection string for this server's blobs.</summary>
    public async Task<string> ConnectionStringAsync()
    {
        var (_, address) = await _running.Value;
        return $"DefaultEndpointsProtocol=http;AccountName={Account};AccountKey={AccountKey};"
            + $"BlobEndpoint={new Uri(address, Account)};";
    }

    /// <summary>What makes <c>Local</c> keep its media here, on its command line.</summary>
    public async Task<string[]> ArgumentsAsync() =>
        ["--blobs", "azurite", $"--Blobs:ConnectionString={await ConnectionStringAsync()}", "--UploadPolling:IntervalMilliseconds=100"];

    public async Task<BlobServiceClient> ClientAsync() => new(await ConnectionStringAsync());

    internal static Task<(NodeServer Server, Uri Address)> StartAsync(params string[] more) => NodeServer.StartAsync(
        "node_modules/azurite/dist/src/blob/main.js",
        [
            "--blobHost", "127.0.0.1", "--blobPort", "0",
            "--inMemoryPersistence", "--extentMemoryLimit", "1024",
            "--skipApiVersionCheck", "--disableTelemetry", "--silent",
            .. more,
        ]);

    public async ValueTask DisposeAsync()
    {
        if (_running.IsValueCreated)
        {
            await (await _running.Value).Server.DisposeAsync();
        }
    }
}
