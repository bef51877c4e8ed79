using Azure.Storage.Blobs;
using Backend.Azure.Media;
using Backend.Media;
using Backend.Records;
using Functions.Tests.Fixtures;

namespace Functions.Tests.Media;

/// <summary>Blob Storage as on Azure: signed in with a token, uploads signed with a user delegation key.</summary>
public sealed class DelegatedBlobMediaStoreTests(SecureAzuriteFixture azurite) : MediaStoreContract
{
    private protected override HttpClient Http { get; } = SecureAzuriteFixture.CreateHttpClient();

    protected override async Task<IMediaStore> CreateStoreAsync()
    {
        var service = await azurite.ClientAsync();
        var store = new BlobMediaStore(service, new UploadSigner(service, TimeProvider.System));
        await store.EnsureCreatedAsync(Ct);
        return store;
    }

    protected override Uri Absolute(Uri url) => url;

    [Fact]
    public async Task Uploads_are_signed_by_a_delegation_key_that_outlasts_them_and_only_over_HTTPS()
    {
        var store = await CreateStoreAsync();
        var name = BlobName.ForUpload(Scope.ForUser("alice"), RecordId.New(TimeProvider.System.GetUtcNow()));
        foreach (var hours in (int[])[1, 1, 30])
        {
            var expires = TimeProvider.System.GetUtcNow().AddHours(hours);

            var upload = await store.CreateUploadAsync(name, new UploadTerms("image/png", 1, expires), Ct);

            var sas = new BlobUriBuilder(upload.Url).Sas;
            Assert.NotEmpty(sas.KeyObjectId);
            Assert.True(sas.KeyExpiresOn >= expires.AddSeconds(-1));
            Assert.Equal(("b", "cw", Azure.Storage.Sas.SasProtocol.Https), (sas.Resource, sas.Permissions, sas.Protocol));
        }
    }
}
