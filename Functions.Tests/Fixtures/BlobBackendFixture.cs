namespace Functions.Tests.Fixtures;

/// <summary><c>Local --blobs azurite</c>, started for the first test that asks.</summary>
public sealed class BlobBackendFixture(AzuriteFixture azurite) : BackendFixture
{
    protected override async Task<LocalBackend> StartAsync() => await LocalBackend.StartAsync(null, await azurite.ArgumentsAsync());
}
