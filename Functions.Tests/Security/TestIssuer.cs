using System.Security.Cryptography;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Functions.Tests.Security;

/// <summary>An OpenID Connect issuer over real HTTP whose keys can be rotated and whose tokens can be wrong in any way.</summary>
internal sealed class TestIssuer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private RSA _key = RSA.Create(2048);
    private int _keyNumber = 1;

    private TestIssuer(WebApplication app) => _app = app;

    public string Url { get; private set; } = "";

    public int KeyFetches { get; private set; }

    public static async Task<TestIssuer> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var issuer = new TestIssuer(builder.Build());
        issuer._app.Run(issuer.AnswerAsync);
        await issuer._app.StartAsync();
        issuer.Url = issuer._app.Urls.First();
        return issuer;
    }

    public void RotateKey()
    {
        _key.Dispose();
        _key = RSA.Create(2048);
        _keyNumber++;
    }

    public string CreateToken(
        string? sub = "alice", string? issuer = null, string audience = "app", TimeSpan? expiresIn = null, RSA? key = null)
    {
        var now = DateTimeOffset.FromUnixTimeSeconds(TimeProvider.System.GetUtcNow().ToUnixTimeSeconds());
        var expires = now + (expiresIn ?? TimeSpan.FromMinutes(5));
        var descriptor = new SecurityTokenDescriptor
        {
            Issuer = issuer ?? Url,
            Audience = audience,
            NotBefore = expires.AddMinutes(-30).UtcDateTime,
            IssuedAt = expires.AddMinutes(-30).UtcDateTime,
            Expires = expires.UtcDateTime,
            SigningCredentials = new SigningCredentials(
                new RsaSecurityKey(key ?? _key) { KeyId = $"key-{_keyNumber}" }, SecurityAlgorithms.RsaSha256),
            Claims = sub is null ? [] : new Dictionary<string, object> { ["sub"] = sub },
        };
        return new JsonWebTokenHandler().CreateToken(descriptor);
    }

    /// <summary>A token of the same claims whose header says that it needs no signature.</summary>
    public string CreateUnsignedToken()
    {
        var parts = CreateToken().Split('.');
        return $"{Base64UrlEncoder.Encode("""{"alg":"none","typ":"JWT"}""")}.{parts[1]}.";
    }

    /// <summary>A token signed with the public key as if it were a shared secret, the classic confusion of algorithms.</summary>
    public string CreateHmacToken()
    {
        var payload = CreateToken().Split('.')[1];
        var signed = $"{Base64UrlEncoder.Encode($$"""{"alg":"HS256","typ":"JWT","kid":"key-{{_keyNumber}}"}""")}.{payload}";
        var signature = HMACSHA256.HashData(_key.ExportRSAPublicKey(), System.Text.Encoding.ASCII.GetBytes(signed));
        return $"{signed}.{Base64UrlEncoder.Encode(signature)}";
    }

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        _key.Dispose();
    }

    private Task AnswerAsync(HttpContext context)
    {
        if (context.Request.Path == "/.well-known/openid-configuration")
        {
            return context.Response.WriteAsync($$"""{"issuer":"{{Url}}","jwks_uri":"{{Url}}/keys"}""");
        }

        KeyFetches++;
        var parameters = _key.ExportParameters(includePrivateParameters: false);
        return context.Response.WriteAsync(
            $$"""
            {"keys":[{"kty":"RSA","use":"sig","kid":"key-{{_keyNumber}}","n":"{{Base64UrlEncoder.Encode(parameters.Modulus)}}","e":"{{Base64UrlEncoder.Encode(parameters.Exponent)}}"}]}
            """);
    }
}
