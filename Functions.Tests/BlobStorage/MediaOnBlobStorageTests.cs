using Functions.Tests.Fixtures;
using Functions.Tests.Hosting;
using Functions.Tests.Media;

namespace Functions.Tests.BlobStorage;

/// <summary>The suite of the media API over Blob Storage.</summary>
public sealed class BlobMediaApiTests(BlobBackendFixture backend) : MediaApiTests(backend), IClassFixture<BlobBackendFixture>;

/// <summary>Slots, quotas, deletion, replacement and clean-up over Blob Storage.</summary>
public sealed class BlobMediaLifecycleTests(AzuriteFixture azurite) : MediaLifecycleTests
{
    protected override Task<string[]> ArgumentsAsync() => azurite.ArgumentsAsync();
}

/// <summary>The ends of slots over Blob Storage.</summary>
public sealed class BlobUploadExpiryTests(AzuriteFixture azurite) : UploadExpiryTests
{
    protected override Task<string[]> ArgumentsAsync() => azurite.ArgumentsAsync();
}

/// <summary>Images on demand, in spaces and public, over Blob Storage.</summary>
public sealed class BlobMediaDeliveryTests(AzuriteFixture azurite) : MediaDeliveryTests
{
    protected override Task<string[]> ArgumentsAsync() => azurite.ArgumentsAsync();
}

/// <summary>A back catalogue in Blob Storage.</summary>
public sealed class BlobReprocessMediaTests(AzuriteFixture azurite) : ReprocessMediaTests
{
    protected override Task<string[]> ArgumentsAsync() => azurite.ArgumentsAsync();
}

/// <summary>What a hostile client uploads to Blob Storage.</summary>
public sealed class BlobHostileCollectionTests(AzuriteFixture azurite) : HostileCollectionTests
{
    protected override Task<string[]> ArgumentsAsync() => azurite.ArgumentsAsync();
}

/// <summary>Kills at any moment, with the uploads in Blob Storage.</summary>
public sealed class BlobCrashTests(AzuriteFixture azurite) : CrashTests
{
    protected override Task<string[]> ArgumentsAsync() => azurite.ArgumentsAsync();
}
