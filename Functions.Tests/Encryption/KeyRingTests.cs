using System.Security.Cryptography;
using Backend.Encryption;
using Functions.Tests.Fixtures;
using Functions.Tests.Orchestrations;
using Local.Sqlite;
using Microsoft.Extensions.Options;

namespace Functions.Tests.Encryption;

public sealed class KeyRingTests : IAsyncDisposable
{
    private readonly TempFolder _folder = new();
    private readonly SqliteDatabase _database;
    private readonly SqliteRecordStore _store;
    private readonly ManualTime _time = new(DateTimeOffset.UnixEpoch);
    private readonly MemoryKeyWrapper _wrapper = new();

    public KeyRingTests()
    {
        _database = new SqliteDatabase(_folder.File("backend.db"));
        _store = new SqliteRecordStore(_database, TimeProvider.System);
    }

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Instances_that_start_at_once_share_one_key()
    {
        var rings = Enumerable.Range(0, 8).Select(_ => Ring()).ToList();

        var keys = await Task.WhenAll(rings.Select(ring => Task.Run(async () => await ring.GetNewestAsync(Ct), Ct)));

        Assert.Equal(["k1"], keys.Select(key => key.Id).Distinct());
        Assert.Single(keys.Select(key => Convert.ToHexString(key.Bytes)).Distinct());
    }

    [Fact]
    public async Task An_old_key_is_followed_by_a_new_one_and_still_found_by_instances_that_learn_of_it_late()
    {
        var (early, late) = (Ring(), Ring());
        await late.OpenAsync(Ct);
        var first = await early.GetNewestAsync(Ct);
        _time.Advance(TimeSpan.FromDays(91));

        var second = await early.GetNewestAsync(Ct);

        Assert.Equal(("k1", "k2"), (first.Id, second.Id));
        Assert.Equal("k1", (await early.FindAsync("k1", Ct))?.Id);
        Assert.Equal(Convert.ToHexString(second.Bytes), Convert.ToHexString((await late.FindAsync("k2", Ct) ?? first).Bytes));
        Assert.Null(await late.FindAsync("k3", Ct));
    }

    [Fact]
    public async Task The_wrapping_key_is_asked_at_the_start_and_not_for_values()
    {
        var ring = Ring();
        await ring.OpenAsync(Ct);
        var calls = _wrapper.Calls;

        for (var i = 0; i < 100; i++)
        {
            await ring.GetNewestAsync(Ct);
            await ring.FindAsync("k1", Ct);
            await ring.FindAsync("k9", Ct);
        }

        Assert.Equal(calls, _wrapper.Calls);
    }

    [Fact]
    public async Task A_new_wrapping_key_wraps_everything_anew_so_that_the_old_one_can_go()
    {
        var first = await Ring().GetNewestAsync(Ct);
        _wrapper.AddKey();
        var second = await Ring().GetNewestAsync(Ct);
        _wrapper.RemoveOldest();

        var ring = Ring();
        await ring.OpenAsync(Ct);

        Assert.Equal(("k1", "k2"), (first.Id, second.Id));
        Assert.Equal(Convert.ToHexString(first.Bytes), Convert.ToHexString((await ring.FindAsync("k1", Ct) ?? second).Bytes));
    }

    [Fact]
    public async Task A_wrapping_key_that_is_lost_is_said_to_be()
    {
        await Ring().OpenAsync(Ct);
        _wrapper.AddKey();
        _wrapper.RemoveOldest();

        var error = await Assert.ThrowsAsync<InvalidDataException>(() => Ring().OpenAsync(Ct));

        Assert.Contains("k1 was wrapped by the key 0", error.Message, StringComparison.Ordinal);
    }

    public async ValueTask DisposeAsync()
    {
        await _database.DisposeAsync();
        _folder.Dispose();
    }

    private KeyRing Ring() => new(_store, _wrapper, Options.Create(new EncryptionOptions()), _time);

    /// <summary>A keeper whose keys a test adds and takes away.</summary>
    private sealed class MemoryKeyWrapper : IKeyWrapper
    {
        private readonly SortedDictionary<int, byte[]> _keys = new() { [0] = RandomNumberGenerator.GetBytes(32) };
        private int _calls;

        public int Calls => _calls;

        public void AddKey() => _keys[_keys.Keys.Last() + 1] = RandomNumberGenerator.GetBytes(32);

        public void RemoveOldest() => _keys.Remove(_keys.Keys.First());

        public Task<string> GetCurrentKeyIdAsync(CancellationToken ct)
        {
            Interlocked.Increment(ref _calls);
            return Task.FromResult($"{_keys.Keys.Last()}");
        }

        public Task<WrappedKey> WrapAsync(ReadOnlyMemory<byte> dataKey, CancellationToken ct)
        {
            Interlocked.Increment(ref _calls);
            return Task.FromResult(new WrappedKey($"{_keys.Keys.Last()}", AesKeyWrap.Wrap(_keys.Values.Last(), dataKey.Span)));
        }

        public Task<byte[]> UnwrapAsync(WrappedKey wrapped, CancellationToken ct)
        {
            Interlocked.Increment(ref _calls);
            return _keys.TryGetValue(int.Parse(wrapped.KeyId, System.Globalization.CultureInfo.InvariantCulture), out var key)
                ? Task.FromResult(AesKeyWrap.Unwrap(key, wrapped.Bytes.Span))
                : throw new CryptographicException("There is no such key.");
        }
    }
}
