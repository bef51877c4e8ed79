namespace Backend.Rules.Language;

/// <summary>A parsed expression: what the text says, before anything is known about names and types.</summary>
/// <param name="Start">Its first character in the text.</param>
/// <param name="End">The character after its last.</param>
/// <param name="Depth">How many levels it has, itself included.</param>
internal abstract record Syntax(int Start, int End, int Depth);

internal sealed record NullSyntax(int Start, int End) : Syntax(Start, End, 1);

internal sealed record BooleanSyntax(bool Value, int Start, int End) : Syntax(Start, End, 1);

internal sealed record NumberSyntax(double Value, int Start, int End) : Syntax(Start, End, 1);

internal sealed record TextSyntax(string Value, int Start, int End) : Syntax(Start, End, 1);

/// <summary>A name with what follows its dots, for example <c>record.meta.color</c>.</summary>
internal sealed record NameSyntax(IReadOnlyList<string> Path, int Start, int End) : Syntax(Start, End, 1);

internal sealed record ListSyntax(IReadOnlyList<Syntax> Items, int Start, int End, int Depth) : Syntax(Start, End, Depth);

internal sealed record CallSyntax(string Function, IReadOnlyList<Syntax> Arguments, int Start, int End, int Depth)
    : Syntax(Start, End, Depth);

/// <summary><c>!</c> or <c>-</c> before an operand.</summary>
internal sealed record UnarySyntax(TokenKind Operator, Syntax Operand, int Start)
    : Syntax(Start, Operand.End, Operand.Depth + 1);

/// <summary>A comparison, <see cref="TokenKind.Name"/> standing for <c>in</c>, or arithmetic.</summary>
internal sealed record BinarySyntax(TokenKind Operator, Syntax Left, Syntax Right, int Start, int End)
    : Syntax(Start, End, Math.Max(Left.Depth, Right.Depth) + 1)
{
    public const TokenKind In = TokenKind.Name;
}

/// <summary>Two or more conditions joined by the same operator: one level, however long the chain.</summary>
internal sealed record LogicalSyntax(TokenKind Operator, IReadOnlyList<Syntax> Terms, int Start, int End)
    : Syntax(Start, End, Terms.Max(term => term.Depth) + 1);
