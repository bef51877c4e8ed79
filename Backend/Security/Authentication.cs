using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.AspNetCore.Authorization;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.Protocols;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;
using Microsoft.IdentityModel.Tokens;

namespace Backend.Security;

/// <summary>OpenID Connect bearer tokens: issuer, audience, lifetime, signature and algorithm are checked.</summary>
internal static class Authentication
{
    /// <summary>Asymmetric only: with a symmetric one, whoever can verify could also forge.</summary>
    private static readonly string[] Algorithms =
    [
        SecurityAlgorithms.RsaSha256, SecurityAlgorithms.RsaSha384, SecurityAlgorithms.RsaSha512,
        SecurityAlgorithms.RsaSsaPssSha256, SecurityAlgorithms.RsaSsaPssSha384, SecurityAlgorithms.RsaSsaPssSha512,
        SecurityAlgorithms.EcdsaSha256, SecurityAlgorithms.EcdsaSha384, SecurityAlgorithms.EcdsaSha512,
    ];

    public static IServiceCollection AddBackendAuthentication(this IServiceCollection services)
    {
        services.AddOptions<AuthOptions>().BindConfiguration("Auth").ValidateOnStart();
        services.AddSingleton<IValidateOptions<AuthOptions>, AuthOptionsValidator>();
        services.AddSingleton<TokenCache>();
        services.AddAuthentication(JwtBearerDefaults.AuthenticationScheme).AddJwtBearer();
        services.RemoveDataProtectionAtStart();
        services.AddOptions<JwtBearerOptions>(JwtBearerDefaults.AuthenticationScheme)
            .Configure<IOptions<AuthOptions>, IServiceProvider>(Configure);
        services.AddAuthorizationBuilder()
            // Without a policy of its own an endpoint needs a signed-in caller: forgetting one must not open a door.
            .SetFallbackPolicy(new AuthorizationPolicyBuilder().RequireAuthenticatedUser().Build());
        return services;
    }

    private static void Configure(JwtBearerOptions jwt, IOptions<AuthOptions> options, IServiceProvider services)
    {
        var auth = options.Value;
        jwt.Audience = auth.Audience;
        jwt.MapInboundClaims = false;
        jwt.TokenValidationParameters = new TokenValidationParameters
        {
            ValidAudience = auth.Audience,
            ValidAlgorithms = Algorithms,
            ClockSkew = TimeSpan.FromSeconds(auth.ClockSkewSeconds),
            RequireExpirationTime = true,
            RequireSignedTokens = true,
            NameClaimType = "sub",
            RoleClaimType = "roles",
        };
        // A host that is its own issuer registers its configuration; it needs no HTTP call to itself.
        jwt.ConfigurationManager = services.GetService<IConfigurationManager<OpenIdConnectConfiguration>>() ?? Discover(auth);
        jwt.Events = new BearerEvents(services.GetRequiredService<TokenCache>());
    }

    private static ConfigurationManager<OpenIdConnectConfiguration> Discover(AuthOptions auth) => new(
        $"{auth.Authority.TrimEnd('/')}/.well-known/openid-configuration",
        new OpenIdConnectConfigurationRetriever(),
        // An issuer that does not answer must not hold requests for the client's default of 100 seconds.
        new HttpDocumentRetriever(new HttpClient { Timeout = TimeSpan.FromSeconds(5) }) { RequireHttps = !auth.AllowHttp })
    {
        RefreshInterval = TimeSpan.FromSeconds(auth.KeyRefreshSeconds),
        // Otherwise a key that the issuer has withdrawn, perhaps because it leaked, would be good for another hour.
        UseLastKnownGoodConfiguration = false,
    };

    /// <summary>
    /// Authentication brings data protection along, which at every start reads and writes keys in the home folder of
    /// the process. Bearer tokens do not use it.
    /// </summary>
    private static void RemoveDataProtectionAtStart(this IServiceCollection services)
    {
        var starter = services.FirstOrDefault(static service => service.ServiceType == typeof(IHostedService)
            && service.ImplementationType?.Namespace is "Microsoft.AspNetCore.DataProtection.Internal");
        if (starter is not null)
        {
            services.Remove(starter);
        }
    }
}
