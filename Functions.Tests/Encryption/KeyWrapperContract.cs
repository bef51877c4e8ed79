using System.Security.Cryptography;
using Backend.Encryption;

namespace Functions.Tests.Encryption;

/// <summary>What every <see cref="IKeyWrapper"/> promises.</summary>
public abstract class KeyWrapperContract
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    /// <summary>A wrapper; within one test, every call is another instance over the same keys.</summary>
    protected abstract Task<IKeyWrapper> CreateAsync();

    /// <summary>Gives the keeper a new key beside those that it has.</summary>
    protected abstract Task AddKeyAsync();

    [Fact]
    public async Task A_wrapped_key_is_opened_by_another_instance()
    {
        var key = RandomNumberGenerator.GetBytes(32);
        var wrapper = await CreateAsync();

        var wrapped = await wrapper.WrapAsync(key, Ct);

        Assert.Equal(await wrapper.GetCurrentKeyIdAsync(Ct), wrapped.KeyId);
        Assert.Matches("^[A-Za-z0-9-]+$", wrapped.KeyId);
        Assert.Equal(key, await (await CreateAsync()).UnwrapAsync(wrapped, Ct));
        Assert.DoesNotContain(Convert.ToHexString(key), Convert.ToHexString(wrapped.Bytes.Span), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_changed_one_is_refused()
    {
        var wrapper = await CreateAsync();
        var wrapped = await wrapper.WrapAsync(RandomNumberGenerator.GetBytes(32), Ct);
        for (var i = 0; i < wrapped.Bytes.Length; i += 7)
        {
            var changed = wrapped.Bytes.ToArray();
            changed[i] ^= 1;

            await Assert.ThrowsAnyAsync<CryptographicException>(() => wrapper.UnwrapAsync(wrapped with { Bytes = changed }, Ct));
        }
    }

    [Fact]
    public async Task One_of_a_key_that_is_not_there_is_refused()
    {
        var wrapper = await CreateAsync();
        var wrapped = await wrapper.WrapAsync(RandomNumberGenerator.GetBytes(32), Ct);

        await Assert.ThrowsAnyAsync<CryptographicException>(
            () => wrapper.UnwrapAsync(wrapped with { KeyId = "0123456789abcdef0123456789abcdef" }, Ct));
    }

    [Fact]
    public async Task A_new_key_wraps_from_the_next_start_on_and_the_old_one_still_opens()
    {
        var key = RandomNumberGenerator.GetBytes(32);
        var old = await (await CreateAsync()).WrapAsync(key, Ct);
        await AddKeyAsync();

        var wrapper = await CreateAsync();

        Assert.NotEqual(old.KeyId, await wrapper.GetCurrentKeyIdAsync(Ct));
        Assert.Equal(key, await wrapper.UnwrapAsync(old, Ct));
        var renewed = await wrapper.WrapAsync(key, Ct);
        Assert.NotEqual(old.KeyId, renewed.KeyId);
        Assert.Equal(key, await wrapper.UnwrapAsync(renewed, Ct));
    }
}
