using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Backend.Security;

/// <summary>The identity provider whose tokens are accepted. Section <c>Auth</c>.</summary>
public sealed class AuthOptions
{
    /// <summary>The issuer's URL; keys come from its <c>/.well-known/openid-configuration</c>.</summary>
    [Required(ErrorMessage = "Auth:Authority is missing: the URL of the OpenID Connect issuer whose tokens are accepted")]
    public string Authority { get; set; } = "";

    /// <summary>What a token's <c>aud</c> must contain.</summary>
    [Required(ErrorMessage = "Auth:Audience is missing: the audience that accepted tokens are issued for")]
    public string Audience { get; set; } = "";

    /// <summary>How far clocks may differ when a token's lifetime is checked, in seconds. Default: 30.</summary>
    [Range(0, 600)]
    public int ClockSkewSeconds { get; set; } = 30;

    /// <summary>
    /// How soon after a token with an unknown key the issuer's keys may be fetched again. Bounds what a flood of forged
    /// tokens can cause. In seconds. Default: 30.
    /// </summary>
    [Range(1, 86_400)]
    public int KeyRefreshSeconds { get; set; } = 30;

    /// <summary>
    /// How long a token that was found valid is not checked again, in seconds; 0: every request pays for its own check.
    /// A token's own end holds regardless, and so does a change of the issuer's keys once it is known. Default: 60.
    /// </summary>
    [Range(0, 3_600)]
    public int TokenCacheSeconds { get; set; } = 60;

    /// <summary>The role that a token must state for <c>/v1/admin</c>. Default: admin.</summary>
    [Required]
    public string AdminRole { get; set; } = "admin";

    /// <summary>Whether the authority may be plain HTTP; only sensible for an issuer on the same machine.</summary>
    public bool AllowHttp { get; set; }
}

[OptionsValidator]
internal sealed partial class AuthOptionsValidator : IValidateOptions<AuthOptions>;
