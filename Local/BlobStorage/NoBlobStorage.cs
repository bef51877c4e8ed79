using Local.Hosting;

namespace Local.BlobStorage;

/// <summary>In place of Blob Storage in a program that was built without it.</summary>
internal static class BlobStorageServices
{
    public static IServiceCollection AddBlobStorage(this IServiceCollection services, bool isAzurite) => throw new StartupException(
        $"This program was built without Blob Storage (CosmosStore=false, as for a native program), so --blobs {(isAzurite ? "azurite" : "azure")} is not possible.");
}
