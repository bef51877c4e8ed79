using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;

namespace Backend.Encryption;

/// <summary>AES key wrap with padding (RFC 5649), for keepers that give out the wrapping key itself.</summary>
public static class AesKeyWrap
{
    /// <summary>What a keeper's secret must have at least, in bytes; also the size of the key that is made of it.</summary>
    public const int KeyBytes = 32;

    private const int MaxSecretBytes = 1024;

    /// <summary>
    /// The wrapping key of a secret: base64 of 32 bytes or more. Derived by HKDF (RFC 5869), so that the randomness of a
    /// secret may be spread over more bytes than a key has.
    /// </summary>
    public static bool TryReadKey(string secret, [NotNullWhen(true)] out byte[]? wrappingKey)
    {
        var bytes = new byte[MaxSecretBytes];
        wrappingKey = Convert.TryFromBase64String(secret, bytes, out var length) && length >= KeyBytes
            ? HKDF.DeriveKey(HashAlgorithmName.SHA256, bytes[..length], KeyBytes, info: "data-key-wrapping"u8.ToArray())
            : null;
        return wrappingKey is not null;
    }

    public static byte[] Wrap(byte[] wrappingKey, ReadOnlySpan<byte> dataKey)
    {
        using var aes = Aes.Create();
        aes.Key = wrappingKey;
        return aes.EncryptKeyWrapPadded(dataKey);
    }

    /// <exception cref="CryptographicException">The key is another, or the wrapped key was changed.</exception>
    public static byte[] Unwrap(byte[] wrappingKey, ReadOnlySpan<byte> wrapped)
    {
        using var aes = Aes.Create();
        aes.Key = wrappingKey;
        return aes.DecryptKeyWrapPadded(wrapped);
    }
}
