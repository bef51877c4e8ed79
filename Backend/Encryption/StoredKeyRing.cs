using System.Text.Json;
using System.Text.Json.Serialization;

namespace Backend.Encryption;

/// <summary>The data keys as the record store keeps them: wrapped, the newest last.</summary>
internal sealed record StoredKeyRing(IReadOnlyList<StoredDataKey> Keys)
{
    public byte[] ToUtf8() => JsonSerializer.SerializeToUtf8Bytes(this, KeyRingJsonContext.Default.StoredKeyRing);

    public static StoredKeyRing Parse(ReadOnlySpan<byte> utf8) =>
        JsonSerializer.Deserialize(utf8, KeyRingJsonContext.Default.StoredKeyRing)
            ?? throw new InvalidDataException("The key ring is empty");
}

/// <param name="Id">Stands in every value that it encrypts.</param>
/// <param name="CreatedAt">When it was made.</param>
/// <param name="WrappedBy">The wrapping key.</param>
/// <param name="Wrapped">The key itself, encrypted by that.</param>
internal sealed record StoredDataKey(string Id, DateTimeOffset CreatedAt, string WrappedBy, byte[] Wrapped);

[JsonSerializable(typeof(StoredKeyRing))]
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
internal sealed partial class KeyRingJsonContext : JsonSerializerContext;
