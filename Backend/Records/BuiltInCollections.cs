using System.Collections.Frozen;
using Backend.Model;
using Backend.Rules;
using Backend.Spaces;

namespace Backend.Records;

/// <summary>
/// The collections that the product itself keeps, and who may read their records. No model declares them, the data API
/// does not know them; what changes them are APIs of their own.
/// </summary>
internal static class BuiltInCollections
{
    public static FrozenDictionary<string, CollectionModel> Create(SpaceRoles roles) => new[]
    {
        Define(AppModel.MediaCollection, ScopeKind.User, CollectionRules.OwnerOnly),
        // Whoever is in a space sees it and who else is there.
        Define(AppModel.SpacesCollection, ScopeKind.Space, ReadOnly(Rule.Always)),
        Define(AppModel.InvitationsCollection, ScopeKind.Space, ReadOnly(InvitersOnly(roles))),
        Define(AppModel.MembershipsCollection, ScopeKind.User, ReadOnly(Rule.OwnerOnly)),
    }.ToFrozenDictionary(collection => collection.Name, StringComparer.Ordinal);

    /// <summary>Whether a name is one of these, or of a collection that no API shows.</summary>
    public static bool IsBuiltIn(string name) => name.StartsWith('$') || name is AppModel.MediaCollection
        or AppModel.SpacesCollection or AppModel.InvitationsCollection or AppModel.MembershipsCollection;

    private static CollectionRules ReadOnly(Rule read) => new(read, Rule.Never, Rule.Never, Rule.Never);

    private static Rule InvitersOnly(SpaceRoles roles)
    {
        // A role's name has nothing that would have to be escaped.
        var inviters = string.Join(", ", roles.Names.Where(roles.MayInvite).Select(role => $"'{role}'"));
        var schema = new RuleSchema(AppModel.InvitationsCollection, FrozenDictionary<string, FieldModel>.Empty);
        return Rule.TryParse($"space.role in [{inviters}]", schema, RecordOperation.Read, out var rule, out var errors)
            ? rule
            : throw new InvalidOperationException(string.Join("; ", errors));
    }

    private static CollectionModel Define(string name, ScopeKind scope, CollectionRules rules) => new()
    {
        Name = name,
        Scopes = new[] { scope }.ToFrozenSet(),
        Rules = rules,
        Fields = FrozenDictionary<string, FieldModel>.Empty,
    };
}
