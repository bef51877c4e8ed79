using Azure.Storage.Blobs;
using Backend.Azure.Media;
using Backend.Media;
using Backend.Records;
using Functions.Tests.Fixtures;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Functions.Tests.Media;

public sealed class BlobMediaStoreTests(AzuriteFixture azurite) : MediaStoreContract
{
    protected override async Task<IMediaStore> CreateStoreAsync()
    {
        var service = await azurite.ClientAsync();
        var store = new BlobMediaStore(service, new UploadSigner(service, TimeProvider.System));
        await store.EnsureCreatedAsync(Ct);
        return store;
    }

    protected override Uri Absolute(Uri url) => url;

    [Fact]
    public async Task An_upload_URL_allows_one_blob_and_only_to_create_and_write_it()
    {
        var store = await CreateStoreAsync();

        var upload = await store.CreateUploadAsync(
            BlobName.ForUpload(Scope.ForUser("alice"), RecordId.New(TimeProvider.System.GetUtcNow())),
            new UploadTerms("image/png", 1, TimeProvider.System.GetUtcNow().AddMinutes(5)),
            Ct);

        var sas = new BlobUriBuilder(upload.Url).Sas;
        Assert.Equal(("b", "cw"), (sas.Resource, sas.Permissions));
    }

    [Fact]
    public async Task Storage_that_is_out_of_reach_is_unavailable()
    {
        // Nothing listens on port 1.
        var options = new BlobClientOptions { Retry = { MaxRetries = 1, Delay = TimeSpan.FromMilliseconds(1) } };
        var service = new BlobServiceClient(
            $"DefaultEndpointsProtocol=http;AccountName={AzuriteFixture.Account};AccountKey={AzuriteFixture.AccountKey};"
            + $"BlobEndpoint=http://127.0.0.1:1/{AzuriteFixture.Account};", options);
        var store = new BlobMediaStore(service, new UploadSigner(service, TimeProvider.System));

        await Assert.ThrowsAsync<StoreUnavailableException>(() => store.CheckAsync(Ct));
    }

    [Fact]
    public async Task Registered_in_a_host_it_creates_its_containers()
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Blobs:ConnectionString"] = await azurite.ConnectionStringAsync(),
            ["Blobs:CreateIfMissing"] = "true",
        });
        builder.Services.AddBlobMedia();
        using var host = builder.Build();

        await host.StartAsync(Ct);
        await host.Services.GetRequiredService<IMediaStore>().CheckAsync(Ct);
        await host.StopAsync(Ct);
    }

    [Fact]
    public async Task Options_that_name_no_account_or_two_stop_the_host()
    {
        foreach (var settings in (Dictionary<string, string?>[])
            [[], new() { ["Blobs:Endpoint"] = "https://a.test", ["Blobs:ConnectionString"] = "AccountName=a" }])
        {
            var builder = Host.CreateEmptyApplicationBuilder(null);
            builder.Configuration.AddInMemoryCollection(settings);
            builder.Services.AddBlobMedia();
            using var host = builder.Build();

            await Assert.ThrowsAsync<OptionsValidationException>(() => host.StartAsync(Ct));
        }
    }
}
