using System.Security.Cryptography;
using Azure;
using Azure.Security.KeyVault.Secrets;
using Backend.Encryption;
using Backend.Records;

namespace Backend.Azure.Encryption;

/// <summary>
/// Wraps data keys by a key that is a secret of Key Vault. The versions of the secret are the keys: the latest wraps, and
/// each one unwraps what it wrapped as long as it is enabled. Asked a few times in a process' life.
/// </summary>
internal sealed class KeyVaultKeyWrapper(SecretClient secrets, string name) : IKeyWrapper
{
    public async Task<string> GetCurrentKeyIdAsync(CancellationToken ct) => (await GetAsync(version: null, ct)).Version;

    public async Task<WrappedKey> WrapAsync(ReadOnlyMemory<byte> dataKey, CancellationToken ct)
    {
        var (version, key) = await GetAsync(version: null, ct);
        return new WrappedKey(version, AesKeyWrap.Wrap(key, dataKey.Span));
    }

    public async Task<byte[]> UnwrapAsync(WrappedKey wrapped, CancellationToken ct)
    {
        var (_, key) = await GetAsync(wrapped.KeyId, ct);
        return AesKeyWrap.Unwrap(key, wrapped.Bytes.Span);
    }

    private async Task<(string Version, byte[] Key)> GetAsync(string? version, CancellationToken ct)
    {
        KeyVaultSecret secret;
        try
        {
            secret = await secrets.GetSecretAsync(name, version, cancellationToken: ct);
        }
        catch (RequestFailedException exception) when (exception.Status is 0 or 408 or 429 or >= 500)
        {
            throw new StoreUnavailableException("Key Vault cannot answer.", exception);
        }
        catch (RequestFailedException exception) when (exception.Status is 400 or 403 or 404 && version is not null)
        {
            // Deleted, disabled, or never there; the vault answers a version that cannot be one with 400.
            throw new CryptographicException($"Key Vault has no usable version {version} of {name}.", exception);
        }

        return AesKeyWrap.TryReadKey(secret.Value, out var key)
            ? (secret.Properties.Version, key)
            : throw new CryptographicException($"The secret {name} is not base64 of {AesKeyWrap.KeyBytes} bytes or more.");
    }
}
