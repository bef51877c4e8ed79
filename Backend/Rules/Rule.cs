using System.Diagnostics.CodeAnalysis;

namespace Backend.Rules;

/// <summary>
/// Decides whether a user may do something with a record. Pure: it sees the user and the record and nothing else.
/// Understood so far: <c>true</c>, <c>false</c> and <c>record.owner == user.id</c>.
/// </summary>
public sealed class Rule
{
    public static readonly Rule Never = new("false", static (_, _) => false);

    public static readonly Rule OwnerOnly = new(
        "record.owner == user.id", static (userId, owner) => string.Equals(userId, owner, StringComparison.Ordinal));

    private static readonly Rule[] Known = [new("true", static (_, _) => true), Never, OwnerOnly];

    private readonly Func<string, string, bool> _allows;

    private Rule(string text, Func<string, string, bool> allows)
    {
        Text = text;
        _allows = allows;
    }

    /// <summary>The rule as the model states it.</summary>
    public string Text { get; }

    /// <param name="userId">The caller.</param>
    /// <param name="owner">The record's owner.</param>
    public bool Allows(string userId, string owner) => _allows(userId, owner);

    public static bool TryParse(string text, [NotNullWhen(true)] out Rule? rule, [NotNullWhen(false)] out string? error)
    {
        var normal = string.Join(' ', text.Split(' ', StringSplitOptions.RemoveEmptyEntries));
        rule = Array.Find(Known, known => known.Text == normal);
        error = rule is null
            ? $"'{text}' is not a rule; rules are {string.Join(", ", Known.Select(known => $"'{known.Text}'"))}"
            : null;
        return rule is not null;
    }
}

/// <summary>The rules of one collection. What no rule allows is denied.</summary>
public sealed record CollectionRules(Rule Read, Rule Create, Rule Update, Rule Delete)
{
    public static readonly CollectionRules DenyAll = new(Rule.Never, Rule.Never, Rule.Never, Rule.Never);

    /// <summary>The rules of collections that the product itself keeps, such as media.</summary>
    public static readonly CollectionRules OwnerOnly =
        new(Rule.OwnerOnly, Rule.OwnerOnly, Rule.OwnerOnly, Rule.OwnerOnly);

    public Rule For(RecordOperation operation) => operation switch
    {
        RecordOperation.Read => Read,
        RecordOperation.Create => Create,
        RecordOperation.Update => Update,
        RecordOperation.Delete => Delete,
        _ => throw new ArgumentOutOfRangeException(nameof(operation)),
    };
}

public enum RecordOperation
{
    Read,
    Create,
    Update,
    Delete,
}
