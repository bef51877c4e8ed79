using System.Globalization;
using System.Text;

namespace Backend.Rules.Language;

/// <summary>Writes a tree as the one text for it: single spaces, single quotes, no needless parentheses.</summary>
internal static class SyntaxPrinter
{
    public static string Print(Syntax syntax)
    {
        var output = new StringBuilder();
        Print(output, syntax);
        return output.ToString();
    }

    private static void Print(StringBuilder output, Syntax syntax)
    {
        switch (syntax)
        {
            case NullSyntax:
                output.Append("null");
                break;
            case BooleanSyntax boolean:
                output.Append(boolean.Value ? "true" : "false");
                break;
            case NumberSyntax number:
                PrintNumber(output, number.Value);
                break;
            case TextSyntax text:
                PrintText(output, text.Value);
                break;
            case NameSyntax name:
                output.AppendJoin('.', name.Path);
                break;
            case ListSyntax list:
                PrintItems(output, '[', list.Items, ']');
                break;
            case CallSyntax call:
                output.Append(call.Function);
                PrintItems(output, '(', call.Arguments, ')');
                break;
            case UnarySyntax unary:
                output.Append(SymbolOf(unary.Operator));
                PrintOperand(output, unary.Operand, Strength(unary));
                break;
            case BinarySyntax binary:
                PrintOperand(output, binary.Left, IsComparison(binary) ? Strength(binary) + 1 : Strength(binary));
                output.Append(' ').Append(SymbolOf(binary.Operator)).Append(' ');
                PrintOperand(output, binary.Right, Strength(binary) + 1);
                break;
            case LogicalSyntax logical:
                PrintTerms(output, logical);
                break;
        }
    }

    private static void PrintTerms(StringBuilder output, LogicalSyntax logical)
    {
        for (var i = 0; i < logical.Terms.Count; i++)
        {
            output.Append(i == 0 ? "" : $" {SymbolOf(logical.Operator)} ");
            PrintOperand(output, logical.Terms[i], Strength(logical) + 1);
        }
    }

    private static void PrintOperand(StringBuilder output, Syntax operand, int strength)
    {
        var bare = Strength(operand) >= strength;
        output.Append(bare ? "" : "(");
        Print(output, operand);
        output.Append(bare ? "" : ")");
    }

    private static void PrintItems(StringBuilder output, char open, IReadOnlyList<Syntax> items, char close)
    {
        output.Append(open);
        for (var i = 0; i < items.Count; i++)
        {
            output.Append(i == 0 ? "" : ", ");
            Print(output, items[i]);
        }

        output.Append(close);
    }

    private static void PrintNumber(StringBuilder output, double number)
    {
        var text = number.ToString("R", CultureInfo.InvariantCulture);
        // The lexer refuses whole numbers of this size, since they look more exact than they are.
        var looksWhole = Math.Abs(number) >= Lexer.MaxWhole && !text.Contains('E', StringComparison.Ordinal);
        output.Append(text).Append(looksWhole ? ".0" : "");
    }

    private static void PrintText(StringBuilder output, string text)
    {
        output.Append('\'');
        foreach (var c in text)
        {
            _ = c switch
            {
                '\'' or '\\' => output.Append('\\').Append(c),
                '\n' => output.Append("\\n"),
                '\r' => output.Append("\\r"),
                '\t' => output.Append("\\t"),
                < ' ' => output.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}"),
                _ => output.Append(c),
            };
        }

        output.Append('\'');
    }

    /// <summary>How strongly an expression holds together.</summary>
    private static int Strength(Syntax syntax) => syntax switch
    {
        LogicalSyntax { Operator: TokenKind.Or } => 1,
        LogicalSyntax => 2,
        BinarySyntax binary when IsComparison(binary) => 3,
        BinarySyntax { Operator: TokenKind.Plus or TokenKind.Minus } => 4,
        BinarySyntax => 5,
        UnarySyntax => 6,
        _ => 7,
    };

    private static bool IsComparison(BinarySyntax binary) =>
        binary.Operator is BinarySyntax.In or (>= TokenKind.Equal and <= TokenKind.GreaterOrEqual);

    public static string SymbolOf(TokenKind kind) => kind switch
    {
        TokenKind.Equal => "==",
        TokenKind.NotEqual => "!=",
        TokenKind.Less => "<",
        TokenKind.LessOrEqual => "<=",
        TokenKind.Greater => ">",
        TokenKind.GreaterOrEqual => ">=",
        TokenKind.And => "&&",
        TokenKind.Or => "||",
        TokenKind.Not => "!",
        TokenKind.Plus => "+",
        TokenKind.Minus => "-",
        TokenKind.Times => "*",
        TokenKind.Divide => "/",
        TokenKind.Remainder => "%",
        BinarySyntax.In => "in",
        _ => throw new ArgumentOutOfRangeException(nameof(kind)),
    };
}
