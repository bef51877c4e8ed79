using System.Collections.Frozen;

namespace Backend.Spaces;

/// <summary>
/// The roles that members of spaces can have: three built-in ones and what <c>spaces.json</c> adds. What a role may do
/// with records is up to the rules; here is who may invite.
/// </summary>
public sealed class SpaceRoles
{
    /// <summary>Manages the space and its members. A space always has at least one.</summary>
    public const string Owner = "owner";

    public const string Editor = "editor";

    public const string Viewer = "viewer";

    public static readonly SpaceRoles BuiltIn = new([]);

    private readonly FrozenDictionary<string, SpaceRole> _roles;

    /// <param name="declared">Roles beside the built-in ones, or in place of editor and viewer.</param>
    public SpaceRoles(IReadOnlyList<SpaceRole> declared)
    {
        var roles = new Dictionary<string, SpaceRole>(StringComparer.Ordinal)
        {
            [Owner] = new(Owner, "Manages the space and its members.", []),
            [Editor] = new(Editor, "Writes in the space.", []),
            [Viewer] = new(Viewer, "Reads the space.", []),
        };
        foreach (var role in declared)
        {
            roles[role.Name] = role;
        }

        Names = [.. roles.Keys];
        roles[Owner] = roles[Owner] with { MayGive = [.. Names] };
        _roles = roles.ToFrozenDictionary(StringComparer.Ordinal);
    }

    /// <summary>The built-in ones first.</summary>
    public IReadOnlyList<string> Names { get; }

    public bool Contains(string role) => _roles.ContainsKey(role);

    /// <summary>Whether members of this role may invite people at all.</summary>
    public bool MayInvite(string role) => _roles.TryGetValue(role, out var found) && found.MayGive.Count > 0;

    /// <summary>Whether members of this role may invite people to that role.</summary>
    public bool MayGive(string role, string given) =>
        _roles.TryGetValue(role, out var found) && found.MayGive.Contains(given, StringComparer.Ordinal);
}

/// <param name="Name">As rules know it, <c>space.role</c>.</param>
/// <param name="Description">For people.</param>
/// <param name="MayGive">The roles that its members may invite people to.</param>
public sealed record SpaceRole(string Name, string? Description, IReadOnlyList<string> MayGive);
