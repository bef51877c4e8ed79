namespace Backend.Encryption;

/// <summary>
/// Encrypts data keys with a key that never leaves its keeper's hands (envelope encryption). Asked when the host starts
/// and when a data key is new, never for single records.
/// </summary>
public interface IKeyWrapper
{
    /// <summary>The name of the key that wraps now. A keeper that was given a new key wraps by that from its next start on.</summary>
    /// <exception cref="Records.StoreUnavailableException">The keeper cannot answer.</exception>
    Task<string> GetCurrentKeyIdAsync(CancellationToken ct);

    /// <summary>Encrypts a data key by the current key, so that a change to the result is noticed.</summary>
    /// <param name="dataKey">32 bytes.</param>
    /// <param name="ct">Cancels the request.</param>
    /// <exception cref="Records.StoreUnavailableException">The keeper cannot answer.</exception>
    Task<WrappedKey> WrapAsync(ReadOnlyMemory<byte> dataKey, CancellationToken ct);

    /// <summary>The data key that was wrapped, by the current key or an older one that the keeper still has.</summary>
    /// <exception cref="System.Security.Cryptography.CryptographicException">The keeper does not have that key, or the
    /// wrapped key was changed.</exception>
    /// <exception cref="Records.StoreUnavailableException">The keeper cannot answer.</exception>
    Task<byte[]> UnwrapAsync(WrappedKey wrapped, CancellationToken ct);
}

/// <param name="KeyId">Which key wrapped it: letters, digits and hyphens.</param>
/// <param name="Bytes">The encrypted data key.</param>
public sealed record WrappedKey(string KeyId, ReadOnlyMemory<byte> Bytes);
