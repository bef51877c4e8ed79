using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Backend.Spaces;

/// <summary>Limits of spaces. Section <c>Spaces</c>.</summary>
public sealed class SpaceOptions
{
    public const string Section = "Spaces";

    /// <summary>The most members of a space; they are kept in one record. Default: 200.</summary>
    [Range(1, 1_000)]
    public int MaxMembers { get; set; } = 200;

    /// <summary>The most spaces that a user can be in. Default: 100.</summary>
    [Range(1, 1_000)]
    public int MaxSpacesPerUser { get; set; } = 100;

    /// <summary>The most invitations of a space that have not expired. Default: 100.</summary>
    [Range(1, 1_000)]
    public int MaxInvitations { get; set; } = 100;

    /// <summary>The most people whom one invitation lets in. Default: 100.</summary>
    [Range(1, 1_000)]
    public int MaxInvitationUses { get; set; } = 100;

    /// <summary>How long an invitation is good when its maker does not say, in hours. Default: 168, a week.</summary>
    [Range(1, 8_760)]
    public int InvitationHours { get; set; } = 168;

    /// <summary>How long an invitation can be good, in hours. Default: 720, thirty days.</summary>
    [Range(1, 8_760)]
    public int MaxInvitationHours { get; set; } = 720;
}

[OptionsValidator]
internal sealed partial class SpaceOptionsValidator : IValidateOptions<SpaceOptions>;
