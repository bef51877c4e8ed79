using Backend.Records;
using Microsoft.AspNetCore.Cors.Infrastructure;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Backend.Http;

/// <summary>
/// Lets pages of configured origins call the API. Tokens travel in a header that scripts set themselves, so no cookie is
/// ever sent along and any origin may be allowed safely.
/// </summary>
internal static class Cors
{
    private static readonly string[] Exposed =
        ["ETag", "Location", "Retry-After", "WWW-Authenticate", "Content-Range", "Accept-Ranges", CorrelationId.Header,
        StoredAnswerResult.ReplayedHeader];

    public static IServiceCollection AddBackendCors(this IServiceCollection services)
    {
        services.AddCors();
        services.AddOptions<CorsOptions>().Configure<IOptions<HttpOptions>>(static (cors, http) => cors.AddDefaultPolicy(policy => policy
            .WithOrigins([.. http.Value.CorsOrigins])
            .AllowAnyHeader()
            .AllowAnyMethod()
            .WithExposedHeaders(Exposed)
            .SetPreflightMaxAge(TimeSpan.FromSeconds(http.Value.CorsMaxAgeSeconds))));
        return services;
    }
}
