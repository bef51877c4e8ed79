namespace Backend.Rules;

/// <summary>
/// What an expression may cost. A text beyond these is refused while it is read, before anything is built from it:
/// filters come from strangers.
/// </summary>
public static class RuleLimits
{
    /// <summary>The longest text, in UTF-16 characters. A list of 200 UUIDs fits.</summary>
    public const int MaxLength = 8_000;

    /// <summary>How deep parentheses, operators and calls may nest. A chain of <c>&amp;&amp;</c> or <c>||</c> is one level.</summary>
    public const int MaxDepth = 32;

    /// <summary>The most operands and operators, elements of lists included.</summary>
    public const int MaxNodes = 256;

    /// <summary>The most names that a path into a json field has, the field's own included.</summary>
    public const int MaxPathLength = 8;
}
