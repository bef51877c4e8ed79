using Backend.Http;
using Backend.Security;
using Local.Hosting;
using Microsoft.IdentityModel.Protocols;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;

namespace Local.Identity;

internal static class IdentityServices
{
    /// <summary>The configured identity provider; in Development, when there is none, the host's own issuer.</summary>
    /// <exception cref="StartupException">There is no identity provider and this is not Development.</exception>
    public static IServiceCollection AddIdentity(
        this IServiceCollection services, IConfiguration configuration, IHostEnvironment environment)
    {
        if (configuration["Auth:Authority"] is not null)
        {
            return services;
        }

        if (!environment.IsDevelopment())
        {
            throw new StartupException(
                $"The environment is {environment.EnvironmentName}, so an identity provider is needed: set BACKEND_AUTH__AUTHORITY and "
                + "BACKEND_AUTH__AUDIENCE. For a development identity on this machine, add --environment Development.");
        }

        return services
            .AddSingleton<DevelopmentIssuer>()
            .AddSingleton<IConfigurationManager<OpenIdConnectConfiguration>>(
                static provider => provider.GetRequiredService<DevelopmentIssuer>())
            .AddJsonContext(IdentityJsonContext.Default)
            .Configure<AuthOptions>(static auth =>
            {
                auth.Authority = "development";
                auth.Audience = DevelopmentIssuer.Audience;
            });
    }
}
