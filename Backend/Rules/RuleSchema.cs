using System.Collections.Frozen;
using Backend.Model;

namespace Backend.Rules;

/// <summary>What an expression is checked against.</summary>
/// <param name="Collection">The collection's name.</param>
/// <param name="Fields">Its fields, by name.</param>
public sealed record RuleSchema(string Collection, FrozenDictionary<string, FieldModel> Fields)
{
    /// <summary>The roles that members of spaces can have; null leaves what rules compare them with unchecked.</summary>
    public IReadOnlyCollection<string>? SpaceRoles { get; init; }
}
