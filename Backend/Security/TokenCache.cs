using System.Buffers;
using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using System.Security.Claims;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;

namespace Backend.Security;

/// <summary>
/// Remembers tokens that were found valid, so that a client's next requests do not pay for another check of the
/// signature. Only for <see cref="AuthOptions.TokenCacheSeconds"/>, never beyond the token's own end, and only as long as
/// the issuer's keys are those that the token was checked with. What was refused is not remembered.
/// </summary>
/// <remarks>
/// Bounded without clean-up: two generations, of which the younger one takes what is added. When it is full it becomes
/// the older one, and what nobody has asked for meanwhile goes. Tokens are kept as their SHA-256 alone.
/// </remarks>
internal sealed class TokenCache(IOptions<AuthOptions> options, TimeProvider time)
{
    /// <summary>Tokens of a generation; an entry takes one to two kilobytes.</summary>
    internal const int GenerationSize = 4096;

    private readonly TimeSpan _duration = TimeSpan.FromSeconds(options.Value.TokenCacheSeconds);
    private readonly TimeSpan _clockSkew = TimeSpan.FromSeconds(options.Value.ClockSkewSeconds);
    private volatile Generations _generations = new([], []);

    public bool IsEnabled => _duration > TimeSpan.Zero;

    /// <summary>How many tokens are remembered now.</summary>
    internal int Count => _generations.Young.Count + _generations.Old.Count;

    /// <summary>Whom the token was issued to; null when that has to be found out anew.</summary>
    /// <param name="token">The token as sent.</param>
    /// <param name="keys">The issuer's configuration as it is now.</param>
    public ClaimsPrincipal? Find(string token, OpenIdConnectConfiguration keys)
    {
        var generations = _generations;
        var key = TokenKey.Of(token);
        if (!generations.Young.TryGetValue(key, out var entry))
        {
            if (!generations.Old.TryGetValue(key, out entry))
            {
                return null;
            }

            Add(key, entry);
        }

        return ReferenceEquals(entry.Keys, keys) && time.GetUtcNow() < entry.Until ? entry.Principal : null;
    }

    /// <param name="token">A token that was found valid.</param>
    /// <param name="expires">Its own end.</param>
    /// <param name="principal">Whom it was issued to. Shared by requests from now on.</param>
    /// <param name="keys">The configuration from before the check: had it changed during the check, the token would have
    /// to be checked again.</param>
    public void Add(string token, DateTimeOffset expires, ClaimsPrincipal principal, OpenIdConnectConfiguration keys)
    {
        var now = time.GetUtcNow();
        var end = expires + _clockSkew;
        Add(TokenKey.Of(token), new Entry(principal, keys, end < now + _duration ? end : now + _duration));
    }

    private void Add(TokenKey key, Entry entry)
    {
        var generations = _generations;
        if (generations.Young.Count >= GenerationSize)
        {
            // Two threads may both come here; the second one's exchange fails, and it uses what the first one made.
            var next = new Generations([], generations.Young);
            generations = Interlocked.CompareExchange(ref _generations, next, generations) == generations ? next : _generations;
        }

        generations.Young[key] = entry;
    }

    private sealed record Generations(
        ConcurrentDictionary<TokenKey, Entry> Young, ConcurrentDictionary<TokenKey, Entry> Old);

    private sealed record Entry(ClaimsPrincipal Principal, OpenIdConnectConfiguration Keys, DateTimeOffset Until);

    /// <summary>The SHA-256 of a token.</summary>
    private readonly record struct TokenKey(ulong A, ulong B, ulong C, ulong D)
    {
        public static TokenKey Of(string token)
        {
            var bytes = ArrayPool<byte>.Shared.Rent(Encoding.UTF8.GetMaxByteCount(token.Length));
            Span<TokenKey> key = stackalloc TokenKey[1];
            SHA256.HashData(bytes.AsSpan(0, Encoding.UTF8.GetBytes(token, bytes)), MemoryMarshal.AsBytes(key));
            ArrayPool<byte>.Shared.Return(bytes, clearArray: true);
            return key[0];
        }
    }
}
