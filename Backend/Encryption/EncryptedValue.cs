using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;
using Backend.Records;

namespace Backend.Encryption;

/// <summary>
/// One encrypted value: AES-256-GCM over its JSON text, bound to its place, so that a value copied to another record or
/// field cannot be opened there. As text <c>1.{key}.{nonce, tag and ciphertext in base64url}</c>.
/// </summary>
internal static class EncryptedValue
{
    private const int NonceBytes = 12;
    private const int TagBytes = 16;

    public static string Seal(DataKey key, RecordKey record, string field, ReadOnlySpan<byte> json)
    {
        var sealedBytes = new byte[NonceBytes + TagBytes + json.Length];
        var nonce = sealedBytes.AsSpan(0, NonceBytes);
        RandomNumberGenerator.Fill(nonce);
        using var aes = new AesGcm(key.Bytes, TagBytes);
        aes.Encrypt(
            nonce, json, sealedBytes.AsSpan(NonceBytes + TagBytes), sealedBytes.AsSpan(NonceBytes, TagBytes), PlaceOf(record, field));
        return $"1.{key.Id}.{Base64Url.EncodeToString(sealedBytes)}";
    }

    /// <summary>The key that sealed it; false when the text is no sealed value.</summary>
    public static bool TryReadKeyId(string text, [NotNullWhen(true)] out string? keyId)
    {
        keyId = text.Split('.') is ["1", { Length: > 0 } id, var payload] && Base64Url.IsValid(payload) ? id : null;
        return keyId is not null;
    }

    /// <summary>The JSON text of the value.</summary>
    /// <exception cref="CryptographicException">It was sealed for another place or by another key, or was changed.</exception>
    public static byte[] Open(DataKey key, RecordKey record, string field, string text)
    {
        var sealedBytes = Base64Url.DecodeFromChars(text.AsSpan(text.LastIndexOf('.') + 1));
        if (sealedBytes.Length < NonceBytes + TagBytes)
        {
            throw new CryptographicException("The value is too short.");
        }

        var json = new byte[sealedBytes.Length - NonceBytes - TagBytes];
        using var aes = new AesGcm(key.Bytes, TagBytes);
        aes.Decrypt(
            sealedBytes.AsSpan(0, NonceBytes), sealedBytes.AsSpan(NonceBytes + TagBytes), sealedBytes.AsSpan(NonceBytes, TagBytes),
            json, PlaceOf(record, field));
        return json;
    }

    /// <summary>Neither part has a line feed, so no two places are the same text.</summary>
    private static byte[] PlaceOf(RecordKey record, string field) =>
        Encoding.UTF8.GetBytes($"{record.Scope}\n{record.Collection}\n{record.Id}\n{field}");
}
