using System.Security.Claims;
using Backend.Security;
using Functions.Tests.Orchestrations;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;

namespace Functions.Tests.Security;

/// <summary>How long a token that was found valid is believed without another look at its signature.</summary>
public sealed class TokenCacheTests
{
    private readonly ManualTime _time = new(DateTimeOffset.UnixEpoch.AddYears(60));
    private readonly OpenIdConnectConfiguration _keys = new();
    private readonly ClaimsPrincipal _alice = new(new ClaimsIdentity([new Claim("sub", "alice")], "test"));

    private DateTimeOffset Now => _time.GetUtcNow();

    [Fact]
    public void A_token_is_found_again_and_no_other_one_is()
    {
        var cache = Create();
        cache.Add("token", Now.AddHours(1), _alice, _keys);

        Assert.Same(_alice, cache.Find("token", _keys));
        Assert.Null(cache.Find("token2", _keys));
        Assert.Null(cache.Find("", _keys));
    }

    [Fact]
    public void It_is_checked_again_after_the_option_s_seconds_however_often_it_was_used()
    {
        var cache = Create(seconds: 60);
        cache.Add("token", Now.AddHours(1), _alice, _keys);

        for (var second = 0; second < 60; second++)
        {
            Assert.NotNull(cache.Find("token", _keys));
            _time.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.Null(cache.Find("token", _keys));
    }

    [Theory]
    [InlineData(0, 9.9, true)]
    [InlineData(0, 10, false)]
    [InlineData(5, 14.9, true)]
    [InlineData(5, 15, false)]
    public void It_ends_with_the_token_itself_plus_the_clock_skew(int skew, double after, bool isFound)
    {
        var cache = Create(seconds: 60, skew);
        cache.Add("token", Now.AddSeconds(10), _alice, _keys);

        _time.Advance(TimeSpan.FromSeconds(after));

        Assert.Equal(isFound, cache.Find("token", _keys) is not null);
    }

    [Fact]
    public void It_is_checked_again_once_the_issuer_s_keys_were_fetched_anew()
    {
        var cache = Create();
        cache.Add("token", Now.AddHours(1), _alice, _keys);

        Assert.Null(cache.Find("token", new OpenIdConnectConfiguration()));
    }

    [Fact]
    public void Zero_seconds_turn_it_off()
    {
        Assert.False(Create(seconds: 0).IsEnabled);
        Assert.True(Create(seconds: 1).IsEnabled);
    }

    [Fact]
    public async Task It_stays_small_and_keeps_what_is_in_use()
    {
        var cache = Create();
        cache.Add("in use", Now.AddHours(1), _alice, _keys);

        await Parallel.ForAsync(0, 10 * TokenCache.GenerationSize, TestContext.Current.CancellationToken, (i, _) =>
        {
            cache.Add($"token {i}", Now.AddHours(1), _alice, _keys);
            Assert.NotNull(cache.Find("in use", _keys));
            return ValueTask.CompletedTask;
        });

        // Threads that add at the same moment may each put one more into a full generation.
        Assert.InRange(cache.Count, 1, 2 * (TokenCache.GenerationSize + Environment.ProcessorCount));
    }

    private TokenCache Create(int seconds = 60, int skew = 0) => new(
        Options.Create(new AuthOptions { TokenCacheSeconds = seconds, ClockSkewSeconds = skew }), _time);
}
