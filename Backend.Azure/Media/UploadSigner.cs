using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Azure.Storage.Sas;

namespace Backend.Azure.Media;

/// <summary>
/// Signs URLs that create and write one blob: with the account's key where the client has it, else with a user
/// delegation key, which the storage account issues to the managed identity.
/// </summary>
internal sealed class UploadSigner(BlobServiceClient service, TimeProvider time) : IDisposable
{
    // A storage account whose clock is behind would find a fresh signature to be "not yet valid".
    private static readonly TimeSpan ClockSkew = TimeSpan.FromMinutes(15);

    // Storage allows seven days. A day keeps the round trip rare and a revoked role effective soon.
    private static readonly TimeSpan KeyLifetime = TimeSpan.FromDays(1);
    private static readonly TimeSpan LongestKeyLifetime = TimeSpan.FromDays(7) - ClockSkew;

    private readonly SemaphoreSlim _keyTurn = new(1);
    private UserDelegationKey? _key;

    /// <param name="blob">The blob that the URL is good for.</param>
    /// <param name="expiresAt">At most a week ahead, since no delegation key lasts longer.</param>
    /// <param name="ct">Cancels the request for a key.</param>
    public async Task<Uri> SignAsync(BlobClient blob, DateTimeOffset expiresAt, CancellationToken ct)
    {
        var terms = new BlobSasBuilder(BlobSasPermissions.Create | BlobSasPermissions.Write, expiresAt)
        {
            BlobContainerName = blob.BlobContainerName,
            BlobName = blob.Name,
            Resource = "b",
            // Emulators speak plain HTTP.
            Protocol = blob.Uri.Scheme == Uri.UriSchemeHttps ? SasProtocol.Https : SasProtocol.HttpsAndHttp,
        };
        if (blob.CanGenerateSasUri)
        {
            return blob.GenerateSasUri(terms);
        }

        var key = await KeyForAsync(expiresAt, ct);
        return new BlobUriBuilder(blob.Uri) { Sas = terms.ToSasQueryParameters(key, blob.AccountName) }.ToUri();
    }

    public void Dispose() => _keyTurn.Dispose();

    private async Task<UserDelegationKey> KeyForAsync(DateTimeOffset expiresAt, CancellationToken ct)
    {
        if (Volatile.Read(ref _key) is { } known && known.SignedExpiresOn >= expiresAt)
        {
            return known;
        }

        await _keyTurn.WaitAsync(ct);
        try
        {
            if (_key is { } fresh && fresh.SignedExpiresOn >= expiresAt)
            {
                return fresh;
            }

            var now = time.GetUtcNow();
            var lifetime = expiresAt - now > KeyLifetime / 2 ? LongestKeyLifetime : KeyLifetime;
            UserDelegationKey key = await service.GetUserDelegationKeyAsync(now - ClockSkew, now + lifetime, ct);
            Volatile.Write(ref _key, key);
            return key;
        }
        finally
        {
            _keyTurn.Release();
        }
    }
}
