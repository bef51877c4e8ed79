using Backend.Security;
using Microsoft.AspNetCore.Authorization;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Backend.Admin;

/// <summary>Who may use <c>/v1/admin</c>: callers whose token has the role that <see cref="AuthOptions.AdminRole"/> names.</summary>
internal static class AdminPolicy
{
    public const string Name = "admin";

    public static IServiceCollection AddAdminPolicy(this IServiceCollection services)
    {
        services.AddOptions<AuthorizationOptions>().Configure<IOptions<AuthOptions>>(static (authorization, auth) =>
            authorization.AddPolicy(Name, policy => policy
                .RequireAuthenticatedUser()
                .RequireClaim(Caller.RolesClaim, auth.Value.AdminRole)));
        return services;
    }
}
