namespace Backend.Rules;

/// <summary>
/// All that an expression can see beside the record: who asks, in which space, and when. What is null equals nothing.
/// </summary>
public readonly record struct RuleContext
{
    public RuleContext()
    {
    }

    /// <summary>The caller; null when nobody is signed in.</summary>
    public string? UserId { get; init; }

    /// <summary>The roles that the caller's token states.</summary>
    public IReadOnlyList<string> Roles { get; init; } = [];

    /// <summary>The space whose records are asked about; null outside spaces.</summary>
    public string? SpaceId { get; init; }

    /// <summary>The caller's role in that space; null when the caller is no member.</summary>
    public string? SpaceRole { get; init; }

    /// <summary>The server's time. Compared to the millisecond.</summary>
    public required DateTimeOffset Now { get; init; }
}
