using Backend.Records;
using Backend.Rules;
using Backend.Spaces;

namespace Backend.Model;

/// <summary>Where media may live beside their owners' own scopes, and who may do what with them there.</summary>
public sealed record MediaModel
{
    /// <summary>The rules in spaces; null when there are no media in spaces.</summary>
    public CollectionRules? Space { get; init; }

    /// <summary>The rules of <c>public/media</c>; null when there are no public media.</summary>
    public CollectionRules? Public { get; init; }

    /// <summary>Whether the record says where a photo was taken. Renditions never do.</summary>
    public bool KeepsPosition { get; init; }

    /// <summary>In the owner's own scope nobody else has anything to say.</summary>
    public CollectionRules? RulesIn(ScopeKind kind) => kind switch
    {
        ScopeKind.User => CollectionRules.OwnerOnly,
        ScopeKind.Space => Space,
        ScopeKind.Public => Public,
        _ => null,
    };

    internal static MediaModel Read(JsonNodeReader root, SpaceRoles? roles) => new()
    {
        Space = root.Any("space") is null ? null : CollectionReader.ReadRules(root, "space", SchemaOf(roles)),
        Public = root.Any("public") is null ? null : CollectionReader.ReadRules(root, "public", SchemaOf(null)),
        KeepsPosition = root.Flag("keepPosition"),
    };

    private static RuleSchema SchemaOf(SpaceRoles? roles) =>
        new(AppModel.MediaCollection, System.Collections.Frozen.FrozenDictionary<string, FieldModel>.Empty)
        {
            SpaceRoles = roles?.Names,
        };
}
