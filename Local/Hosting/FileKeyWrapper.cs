using System.Security.Cryptography;
using Backend.Encryption;

namespace Local.Hosting;

/// <summary>
/// Wraps data keys by the keys of a file in the data folder, one a line: the first wraps, all of them unwrap. The file is
/// made when the first encrypted field needs it.
/// </summary>
internal sealed class FileKeyWrapper : IKeyWrapper
{
    public const string FileName = "encryption.key";

    private readonly Lazy<IReadOnlyList<(string Id, byte[] Key)>> _keys;

    public FileKeyWrapper(DataFolder folder) => _keys = new(() => Read(folder));

    public Task<string> GetCurrentKeyIdAsync(CancellationToken ct) => Task.FromResult(_keys.Value[0].Id);

    public Task<WrappedKey> WrapAsync(ReadOnlyMemory<byte> dataKey, CancellationToken ct)
    {
        var (id, key) = _keys.Value[0];
        return Task.FromResult(new WrappedKey(id, AesKeyWrap.Wrap(key, dataKey.Span)));
    }

    public Task<byte[]> UnwrapAsync(WrappedKey wrapped, CancellationToken ct)
    {
        foreach (var (id, key) in _keys.Value)
        {
            if (id == wrapped.KeyId)
            {
                return Task.FromResult(AesKeyWrap.Unwrap(key, wrapped.Bytes.Span));
            }
        }

        throw new CryptographicException($"{FileName} has no key {wrapped.KeyId}.");
    }

    private static List<(string Id, byte[] Key)> Read(DataFolder folder)
    {
        var text = folder.ReadOrCreateSecret(
            FileName, static () => Convert.ToBase64String(RandomNumberGenerator.GetBytes(AesKeyWrap.KeyBytes)));
        var keys = new List<(string Id, byte[] Key)>();
        foreach (var line in text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            if (!AesKeyWrap.TryReadKey(line, out var key))
            {
                throw new InvalidDataException($"{FileName} must have {AesKeyWrap.KeyBytes} bytes or more in base64 on each line");
            }

            keys.Add((Convert.ToHexStringLower(SHA256.HashData(key))[..16], key));
        }

        return keys.Count > 0 ? keys : throw new InvalidDataException($"{FileName} is empty");
    }
}
