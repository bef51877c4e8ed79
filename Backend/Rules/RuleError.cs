namespace Backend.Rules;

/// <summary>What is wrong with an expression, and where.</summary>
/// <param name="Message">For the person who wrote it.</param>
/// <param name="Position">The first character that is wrong, counted from 0 in UTF-16 characters.</param>
/// <param name="Length">How many characters are meant; 0 at the end of the text.</param>
public sealed record RuleError(string Message, int Position, int Length)
{
    /// <summary>People count from 1.</summary>
    public override string ToString() => $"at character {Position + 1}: {Message}";
}
