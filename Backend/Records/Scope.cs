using System.Diagnostics.CodeAnalysis;

namespace Backend.Records;

/// <summary>
/// Where a record lives: <c>user/{id}</c>, <c>space/{id}</c> or <c>public/{collection}</c>. The scope is the partition
/// key, the unit of sync and the transaction boundary; a record never moves from one scope to another.
/// </summary>
public readonly record struct Scope
{
    /// <summary>The longest scope, in characters: identity providers issue subjects of up to 255 characters.</summary>
    public const int MaxLength = 300;

    private const string SystemPrefix = "system/";

    private readonly string? _value;

    private Scope(string value) => _value = value;

    /// <summary>The scope's text, for example <c>user/alice</c>.</summary>
    public string Value => _value ?? throw new InvalidOperationException("A default Scope names nothing.");

    public ScopeKind Kind =>
        Value.StartsWith("user/", StringComparison.Ordinal) ? ScopeKind.User
        : Value.StartsWith("space/", StringComparison.Ordinal) ? ScopeKind.Space
        : Value.StartsWith(SystemPrefix, StringComparison.Ordinal) ? ScopeKind.System
        : ScopeKind.Public;

    /// <summary>What follows the kind: the user's id, the space's id or the collection's name.</summary>
    public string Name => Value[(Value.IndexOf('/', StringComparison.Ordinal) + 1)..];

    public static Scope ForUser(string userId) => new($"user/{userId}");

    public static Scope ForSpace(RecordId space) => new($"space/{space}");

    public static Scope ForPublic(string collection) => new($"public/{collection}");

    /// <summary>Where the product keeps what it needs for itself; nobody can enter it.</summary>
    internal static Scope ForSystem(string name) => new($"{SystemPrefix}{name}");

    /// <summary>Reads a scope that a store wrote, the product's own ones among them; false when it is none.</summary>
    public static bool TryParseStored([NotNullWhen(true)] string? text, out Scope scope)
    {
        if (text is null || !text.StartsWith(SystemPrefix, StringComparison.Ordinal))
        {
            return TryParse(text, out scope);
        }

        scope = new Scope(text);
        return true;
    }

    /// <summary>Reads a scope that a client or a blob's name states; false when it is none.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out Scope scope)
    {
        scope = default;
        if (text is null
            || text.Length > MaxLength
            // Control characters, C0 and C1.
            || text.AsSpan().ContainsAnyInRange('\0', '\x1F')
            || text.AsSpan().ContainsAnyInRange('\x7F', '\x9F'))
        {
            return false;
        }

        var known = text.StartsWith("user/", StringComparison.Ordinal)
            || text.StartsWith("public/", StringComparison.Ordinal)
            || (text.StartsWith("space/", StringComparison.Ordinal) && RecordId.TryParse(text["space/".Length..], out _));
        if (!known || text.EndsWith('/'))
        {
            return false;
        }

        scope = new Scope(text);
        return true;
    }

    public override string ToString() => Value;
}

public enum ScopeKind
{
    /// <summary>One person's records.</summary>
    User,

    /// <summary>The records of a group of people, each with a role there.</summary>
    Space,

    /// <summary>Records of one collection that are shared by everybody whom the rules let in.</summary>
    Public,

    /// <summary>What the product keeps for itself, such as the history of the model. No caller can enter it.</summary>
    System,
}
