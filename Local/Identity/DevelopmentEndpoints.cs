using System.Text.Json.Serialization;
using Backend.Http;
using Backend.Security;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Local.Identity;

/// <summary><c>/dev</c>: the development issuer's token endpoint, discovery document and keys.</summary>
internal static class DevelopmentEndpoints
{
    /// <summary>Maps nothing where there is no development issuer.</summary>
    public static void MapDevelopmentIssuer(this IEndpointRouteBuilder routes)
    {
        if (routes.ServiceProvider.GetService<DevelopmentIssuer>() is null)
        {
            return;
        }

        var group = routes.MapGroup("/dev").AllowAnonymous().ExcludeFromDescription();
        group.MapPost("/token", CreateToken);
        group.MapGet("/.well-known/openid-configuration", Discover);
        group.MapGet("/jwks.json", Keys);
    }

    private static async Task<Results<Ok<TokenAnswer>, ProblemHttpResult>> CreateToken(HttpContext context, DevelopmentIssuer issuer)
    {
        var request = await JsonBody.ReadAsync(context, IdentityJsonContext.Default.TokenRequest);
        return Caller.IsValidId(request.Sub)
            ? TypedResults.Ok(new TokenAnswer(issuer.CreateToken(request), "Bearer", (int)DevelopmentIssuer.Lifetime.TotalSeconds))
            : Problems.Invalid("$.sub", "invalid_subject", "Expected 1 to 255 printable ASCII characters without spaces.");
    }

    private static Ok<DiscoveryDocument> Discover(DevelopmentIssuer issuer) => TypedResults.Ok(new DiscoveryDocument(
        issuer.Issuer, $"{issuer.Issuer}/token", $"{issuer.Issuer}/jwks.json", ["public"], ["ES256"], ["token"]));

    private static Ok<KeySet> Keys(DevelopmentIssuer issuer)
    {
        var key = issuer.PublicKey;
        return TypedResults.Ok(new KeySet([new PublicKey(key.Kty, key.Use, key.Alg, key.Kid, key.Crv, key.X, key.Y)]));
    }
}

/// <param name="Sub">Who the token is for.</param>
/// <param name="Name">A name for people; the subject when absent.</param>
/// <param name="Roles">Roles within the whole application.</param>
internal sealed record TokenRequest(string Sub, string? Name = null, IReadOnlyList<string>? Roles = null);

/// <summary>RFC 6749, section 5.1.</summary>
internal sealed record TokenAnswer(
    [property: JsonPropertyName("access_token")] string AccessToken,
    [property: JsonPropertyName("token_type")] string TokenType,
    [property: JsonPropertyName("expires_in")] int ExpiresIn);

/// <summary>OpenID Connect Discovery 1.0, section 3.</summary>
internal sealed record DiscoveryDocument(
    [property: JsonPropertyName("issuer")] string Issuer,
    [property: JsonPropertyName("token_endpoint")] string TokenEndpoint,
    [property: JsonPropertyName("jwks_uri")] string JwksUri,
    [property: JsonPropertyName("subject_types_supported")] IReadOnlyList<string> SubjectTypes,
    [property: JsonPropertyName("id_token_signing_alg_values_supported")] IReadOnlyList<string> Algorithms,
    [property: JsonPropertyName("response_types_supported")] IReadOnlyList<string> ResponseTypes);

/// <summary>RFC 7517.</summary>
internal sealed record KeySet(IReadOnlyList<PublicKey> Keys);

internal sealed record PublicKey(string Kty, string Use, string Alg, string Kid, string Crv, string X, string Y);

[JsonSerializable(typeof(TokenRequest))]
[JsonSerializable(typeof(TokenAnswer))]
[JsonSerializable(typeof(DiscoveryDocument))]
[JsonSerializable(typeof(KeySet))]
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    AllowDuplicateProperties = false,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true)]
internal sealed partial class IdentityJsonContext : JsonSerializerContext;
