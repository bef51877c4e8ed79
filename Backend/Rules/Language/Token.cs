namespace Backend.Rules.Language;

/// <summary>One word of an expression.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Start">Its first character.</param>
/// <param name="End">The character after its last.</param>
/// <param name="Text">The name, the text without its quotes, or what is wrong; null for the others.</param>
/// <param name="Number">The value of a number.</param>
internal readonly record struct Token(TokenKind Kind, int Start, int End, string? Text = null, double Number = 0);

internal enum TokenKind
{
    End,
    Error,
    Name,
    Text,
    Number,
    OpenParenthesis,
    CloseParenthesis,
    OpenBracket,
    CloseBracket,
    Comma,
    Dot,
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    And,
    Or,
    Not,
    Plus,
    Minus,
    Times,
    Divide,
    Remainder,
}
