using System.Security.Claims;
using Microsoft.AspNetCore.Http;

namespace Backend.Security;

/// <summary>
/// Who sends a request: the only identity that features see. Bound as a parameter of endpoint handlers, from the
/// validated token.
/// </summary>
/// <param name="Id">The token's subject.</param>
public sealed record Caller(string Id)
{
    /// <summary>The longest subject, in characters, as OpenID Connect Core 1.0, section 2, limits it.</summary>
    public const int MaxIdLength = 255;

    /// <summary>The claim of the token that lists the caller's roles.</summary>
    public const string RolesClaim = "roles";

    /// <summary>What the token's issuer says the caller is; rules read it as <c>user.roles</c>.</summary>
    public IReadOnlyList<string> Roles { get; init; } = [];

    /// <summary>Null when the request has no valid token; such a request reaches only endpoints that allow it.</summary>
    public static Caller? From(ClaimsPrincipal user) =>
        user.FindFirstValue("sub") is { } subject
            ? new Caller(subject) { Roles = [.. user.FindAll(RolesClaim).Select(claim => claim.Value)] }
            : null;

    public static ValueTask<Caller?> BindAsync(HttpContext context) => ValueTask.FromResult(From(context.User));

    /// <summary>OpenID Connect: at most 255 ASCII characters. Control characters would end up in logs and names.</summary>
    internal static bool IsValidId(string? subject) =>
        subject is { Length: >= 1 and <= MaxIdLength } && subject.All(c => c is > ' ' and < (char)127);
}
