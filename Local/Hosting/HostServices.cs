using System.Security.Cryptography;
using Backend.Encryption;
using Backend.Media;
using Backend.Model;
using Backend.Records;
using Backend.Security;
using Local.Blobs;
using Local.BlobStorage;
using Local.Changes;
using Local.Cosmos;
using Local.Sqlite;

namespace Local.Hosting;

internal static class HostServices
{
    private const int SigningKeyBytes = 64;

    public static IServiceCollection AddDataFolder(this IServiceCollection services, DataFolder folder)
    {
        services.AddSingleton(_ => folder); // a factory, so that the container disposes it and the lock ends with the host
        services.AddSingleton<IKeyWrapper, FileKeyWrapper>();
        return services.Configure<SigningOptions>(signing =>
        {
            if (signing.Keys.Count == 0)
            {
                signing.Keys.Add(folder.ReadOrCreateSecret(
                    "signing.key", static () => Convert.ToBase64String(RandomNumberGenerator.GetBytes(SigningKeyBytes))));
            }
        });
    }

    /// <summary>The database, which the embedded host's other parts keep their state in too, and the records.</summary>
    public static IServiceCollection AddStores(this IServiceCollection services, string store)
    {
        services.AddSingleton(static provider => new SqliteDatabase(
            provider.GetRequiredService<DataFolder>().Database, provider.GetRequiredService<AppModel>()));
        return store == LocalSettings.CosmosStore ? services.AddCosmosStore() : services.AddSqliteStore();
    }

    private static IServiceCollection AddSqliteStore(this IServiceCollection services) => services
        .AddSingleton<SqliteRecordStore>()
        .AddRecordStore(static provider => provider.GetRequiredService<SqliteRecordStore>())
        .AddHostedService<PurgeTimer>()
        .AddChangeDelivery<SqliteChanges>();

    /// <summary>What clients upload and what is made of it.</summary>
    public static IServiceCollection AddBlobs(this IServiceCollection services, string blobs) => blobs == LocalSettings.FileBlobs
        ? services.AddFileMedia()
        : services.AddBlobStorage(isAzurite: blobs == LocalSettings.AzuriteBlobs);

    private static IServiceCollection AddFileMedia(this IServiceCollection services) => services
        .AddSingleton(static provider => new BlobFiles(provider.GetRequiredService<DataFolder>().Blobs))
        .AddSingleton<BlobCatalog>()
        .AddSingleton<BlockCatalog>()
        .AddSingleton<BlobBlocks>()
        .AddSingleton<UploadSignatures>()
        .AddSingleton<UploadSignal>()
        .AddSingleton<FileMediaStore>()
        .AddSingleton<IMediaStore>(static provider => provider.GetRequiredService<FileMediaStore>())
        .AddHostedService<UploadEvents>();
}
