using System.Security.Cryptography;
using Local.Hosting;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Protocols;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;
using Microsoft.IdentityModel.Tokens;

namespace Local.Identity;

/// <summary>
/// An OpenID Connect issuer for one developer's machine: it gives a token for any subject to anybody. It exists in
/// Development only. Its key is kept in the data folder, so tokens survive restarts.
/// </summary>
internal sealed class DevelopmentIssuer : IConfigurationManager<OpenIdConnectConfiguration>, IDisposable
{
    public const string Audience = "backend";

    public static readonly TimeSpan Lifetime = TimeSpan.FromHours(12);

    private readonly IServiceProvider _services;
    private readonly TimeProvider _time;
    private readonly ECDsa _key;
    private readonly ECDsaSecurityKey _securityKey;
    private readonly Lazy<OpenIdConnectConfiguration> _configuration;

    /// <exception cref="InvalidOperationException">The environment is not Development.</exception>
    public DevelopmentIssuer(DataFolder folder, IHostEnvironment environment, IServiceProvider services, TimeProvider time)
    {
        if (!environment.IsDevelopment())
        {
            throw new InvalidOperationException("The development issuer runs in Development only");
        }

        _services = services;
        _time = time;
        _key = ECDsa.Create();
        _key.ImportFromPem(folder.ReadOrCreateSecret("development-issuer.pem", static () =>
        {
            using var created = ECDsa.Create(ECCurve.NamedCurves.nistP256);
            return created.ExportECPrivateKeyPem();
        }));
        // A cache of its own: the shared one would hand this key, disposed, to the next host of this process with the same file.
        _securityKey = new ECDsaSecurityKey(_key) { CryptoProviderFactory = new CryptoProviderFactory() };
        _securityKey.KeyId = Base64UrlEncoder.Encode(_securityKey.ComputeJwkThumbprint());
        _configuration = new Lazy<OpenIdConnectConfiguration>(() =>
        {
            var configuration = new OpenIdConnectConfiguration { Issuer = Issuer, JwksUri = $"{Issuer}/jwks.json" };
            configuration.SigningKeys.Add(_securityKey);
            return configuration;
        });
    }

    /// <summary>Known once the server listens.</summary>
    public string Issuer => $"{ServerAddress.Of(_services)}/dev";

    public JsonWebKey PublicKey
    {
        get
        {
            using var key = ECDsa.Create(_key.ExportParameters(includePrivateParameters: false));
            var jwk = JsonWebKeyConverter.ConvertFromECDsaSecurityKey(new ECDsaSecurityKey(key) { KeyId = _securityKey.KeyId });
            jwk.Use = "sig";
            jwk.Alg = SecurityAlgorithms.EcdsaSha256;
            return jwk;
        }
    }

    public string CreateToken(TokenRequest request)
    {
        var now = _time.GetUtcNow();
        return new JsonWebTokenHandler { SetDefaultTimesOnTokenCreation = false }.CreateToken(new SecurityTokenDescriptor
        {
            Issuer = Issuer,
            Audience = Audience,
            IssuedAt = now.UtcDateTime,
            NotBefore = now.UtcDateTime,
            Expires = now.Add(Lifetime).UtcDateTime,
            SigningCredentials = new SigningCredentials(_securityKey, SecurityAlgorithms.EcdsaSha256),
            Claims = new Dictionary<string, object>(StringComparer.Ordinal)
            {
                ["sub"] = request.Sub,
                ["name"] = request.Name ?? request.Sub,
                ["roles"] = (request.Roles ?? []).ToArray(),
            },
        });
    }

    public Task<OpenIdConnectConfiguration> GetConfigurationAsync(CancellationToken cancel) =>
        Task.FromResult(_configuration.Value);

    public void RequestRefresh()
    {
        // There is one key and it does not change while the process runs.
    }

    public void Dispose() => _key.Dispose();
}
