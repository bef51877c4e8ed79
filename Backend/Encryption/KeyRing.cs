using System.Globalization;
using System.Security.Cryptography;
using Backend.Records;
using Microsoft.Extensions.Options;

namespace Backend.Encryption;

/// <summary>
/// The data keys, opened once and kept in memory: no request waits for the wrapping key, but the first one after a new
/// data key. One record of the store has all of them, wrapped; instances agree on it by conditional writes.
/// </summary>
/// <remarks>
/// One key for all scopes, changed by time: with random nonces AES-GCM is good for 2^32 values a key (NIST SP 800-38D,
/// section 8.3), far more than a deployment writes in <see cref="EncryptionOptions.DataKeyDays"/>.
/// </remarks>
internal sealed class KeyRing(
    IRecordStore store, IKeyWrapper? wrapper, IOptions<EncryptionOptions> options, TimeProvider time) : IDisposable
{
    private const int DataKeyBytes = 32;

    /// <summary>How often a value of an unknown key may make this instance look for keys that others made.</summary>
    private static readonly TimeSpan ReloadInterval = TimeSpan.FromSeconds(10);

    private static readonly RecordKey Key = new(
        Scope.ForSystem("keys"), "$keys", RecordId.TryParse("ring", out var id) ? id : throw new InvalidOperationException());

    private readonly SemaphoreSlim _turn = new(1, 1);
    private volatile Opened? _opened;

    /// <summary>The key for new values.</summary>
    public ValueTask<DataKey> GetNewestAsync(CancellationToken ct)
    {
        return _opened is { } opened && !IsOld(opened.Newest.CreatedAt)
            ? ValueTask.FromResult(opened.Newest)
            : OpenAsync();

        async ValueTask<DataKey> OpenAsync() => (await LoadAsync(current => !IsOld(current.Newest.CreatedAt), ct)).Newest;
    }

    /// <summary>The key of a stored value; null when there is none of this name.</summary>
    public ValueTask<DataKey?> FindAsync(string id, CancellationToken ct)
    {
        return _opened?.Keys.GetValueOrDefault(id) is { } known
            ? ValueTask.FromResult<DataKey?>(known)
            : LoadAsync();

        async ValueTask<DataKey?> LoadAsync() =>
            (await this.LoadAsync(
                current => current.Keys.ContainsKey(id) || time.GetElapsedTime(current.ReadAt) < ReloadInterval, ct))
            .Keys.GetValueOrDefault(id);
    }

    /// <summary>Opens the keys, and makes a new one when the newest is too old or of another wrapping key than the current one.</summary>
    /// <exception cref="InvalidDataException">A key cannot be opened.</exception>
    public async Task OpenAsync(CancellationToken ct) => await LoadAsync(static _ => false, ct);

    public void Dispose() => _turn.Dispose();

    private bool IsOld(DateTimeOffset createdAt) => time.GetUtcNow() - createdAt > TimeSpan.FromDays(options.Value.DataKeyDays);

    /// <param name="isGood">Whether what another caller opened meanwhile will do.</param>
    /// <param name="ct">Cancels the request.</param>
    private async Task<Opened> LoadAsync(Func<Opened, bool> isGood, CancellationToken ct)
    {
        await _turn.WaitAsync(ct);
        try
        {
            if (_opened is { } current && isGood(current))
            {
                return current;
            }

            var record = await store.FindAsync(Key, ct);
            while (true)
            {
                var ring = record is null ? new StoredKeyRing([]) : StoredKeyRing.Parse(record.Fields.Utf8.Span);
                if (await RenewAsync(ring, ct) is not { } renewed)
                {
                    return _opened = await OpenAsync(ring, ct);
                }

                switch (await WriteAsync(record, new RecordFields(renewed.ToUtf8()), ct))
                {
                    case WriteOutcome.Written:
                        return _opened = await OpenAsync(renewed, ct);
                    case WriteOutcome.Conflict conflict:
                        record = conflict.Current; // another instance was faster
                        break;
                }
            }
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>The ring with a new data key at its end; null when the newest is good.</summary>
    private async Task<StoredKeyRing?> RenewAsync(StoredKeyRing ring, CancellationToken ct)
    {
        var wrappingKey = await Wrapper.GetCurrentKeyIdAsync(ct);
        if (ring.Keys is [.., var newest] && newest.WrappedBy == wrappingKey && !IsOld(newest.CreatedAt))
        {
            return null;
        }

        // By a new wrapping key the old data keys are wrapped anew, so that the old one is not needed any longer.
        var keys = new List<StoredDataKey>();
        foreach (var key in ring.Keys)
        {
            keys.Add(key.WrappedBy == wrappingKey ? key : await WrapAsync(key.Id, key.CreatedAt, await UnwrapAsync(key, ct), ct));
        }

        var id = string.Create(CultureInfo.InvariantCulture, $"k{ring.Keys.Count + 1}");
        keys.Add(await WrapAsync(id, time.GetUtcNow(), RandomNumberGenerator.GetBytes(DataKeyBytes), ct));
        return new StoredKeyRing(keys);
    }

    private IKeyWrapper Wrapper => wrapper
        ?? throw new InvalidOperationException("The model has encrypted fields, but this host has no key to encrypt them with");

    private async Task<StoredDataKey> WrapAsync(string id, DateTimeOffset createdAt, byte[] dataKey, CancellationToken ct)
    {
        var wrapped = await Wrapper.WrapAsync(dataKey, ct);
        return new StoredDataKey(id, createdAt, wrapped.KeyId, wrapped.Bytes.ToArray());
    }

    private async Task<byte[]> UnwrapAsync(StoredDataKey key, CancellationToken ct)
    {
        try
        {
            return await Wrapper.UnwrapAsync(new WrappedKey(key.WrappedBy, key.Wrapped), ct);
        }
        catch (CryptographicException exception)
        {
            throw new InvalidDataException(
                $"The data key {key.Id} was wrapped by the key {key.WrappedBy}, which is not there or is another now; put it back", exception);
        }
    }

    private async Task<Opened> OpenAsync(StoredKeyRing ring, CancellationToken ct)
    {
        var keys = new Dictionary<string, DataKey>(StringComparer.Ordinal);
        foreach (var key in ring.Keys)
        {
            keys[key.Id] = _opened?.Keys.GetValueOrDefault(key.Id) ?? new DataKey(key.Id, key.CreatedAt, await UnwrapAsync(key, ct));
        }

        return new Opened(keys, keys[ring.Keys[^1].Id], time.GetTimestamp());
    }

    private Task<WriteOutcome> WriteAsync(StoredRecord? current, RecordFields fields, CancellationToken ct)
    {
        var now = time.GetUtcNow();
        return current is null
            ? store.CreateAsync(new StoredRecord { Key = Key, Owner = "system", CreatedAt = now, UpdatedAt = now, Fields = fields }, ct)
            : store.ReplaceAsync(current with { UpdatedAt = now, Fields = fields }, current.ETag, ct);
    }

    private sealed record Opened(IReadOnlyDictionary<string, DataKey> Keys, DataKey Newest, long ReadAt);
}

/// <summary>An opened data key.</summary>
internal sealed class DataKey(string id, DateTimeOffset createdAt, byte[] bytes)
{
    public string Id { get; } = id;

    public DateTimeOffset CreatedAt { get; } = createdAt;

    /// <summary>32 bytes. Not to be kept by anybody else.</summary>
    public ReadOnlySpan<byte> Bytes => bytes;
}
