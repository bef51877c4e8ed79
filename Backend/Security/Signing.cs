using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Options;

namespace Backend.Security;

/// <summary>Keys of what the server signs for itself: cursors and image URLs. Section <c>Signing</c>.</summary>
public sealed class SigningOptions
{
    /// <summary>
    /// Base64, 32 bytes or more each. The first signs, all of them verify: to rotate, put a new one in front and remove
    /// the old one when what it signed has expired.
    /// </summary>
    public IList<string> Keys { get; set; } = [];
}

internal sealed class SigningOptionsValidator : IValidateOptions<SigningOptions>
{
    private const int MinKeyBytes = 32;

    public ValidateOptionsResult Validate(string? name, SigningOptions options)
    {
        if (options.Keys.Count == 0)
        {
            return ValidateOptionsResult.Fail($"Signing:Keys is empty: state a key of {MinKeyBytes} random bytes in base64");
        }

        var bytes = new byte[1024];
        return options.Keys.All(key => Convert.TryFromBase64String(key, bytes, out var length) && length >= MinKeyBytes)
            ? ValidateOptionsResult.Success
            : ValidateOptionsResult.Fail($"Signing:Keys must each be {MinKeyBytes} to {bytes.Length} bytes in base64");
    }
}

/// <summary>
/// Authenticates short texts with HMAC-SHA-256 (RFC 2104). What is signed for one purpose is worth nothing for another.
/// </summary>
public sealed class Signer
{
    private readonly byte[][] _keys;

    public Signer(IOptions<SigningOptions> options)
        : this(options.Value.Keys.Select(Convert.FromBase64String))
    {
    }

    internal Signer(IEnumerable<byte[]> keys) => _keys = [.. keys];

    /// <summary>The signature in base64url, 43 characters.</summary>
    public string Sign(string purpose, string text) => Base64Url.EncodeToString(Compute(_keys[0], purpose, text));

    public bool Verify(string purpose, string text, string? signature)
    {
        Span<byte> given = stackalloc byte[HMACSHA256.HashSizeInBytes];
        if (signature is null
            || !Base64Url.IsValid(signature, out var decodedLength)
            || decodedLength != given.Length
            || !Base64Url.TryDecodeFromChars(signature, given, out _))
        {
            return false;
        }

        foreach (var key in _keys)
        {
            if (CryptographicOperations.FixedTimeEquals(Compute(key, purpose, text), given))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>The purpose cannot run into the text: it never contains a line feed.</summary>
    private static byte[] Compute(byte[] key, string purpose, string text) =>
        HMACSHA256.HashData(key, Encoding.UTF8.GetBytes($"{purpose}\n{text}"));
}
