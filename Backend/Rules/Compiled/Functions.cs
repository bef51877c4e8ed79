using System.Text;
using Backend.Rules.Language;

namespace Backend.Rules.Compiled;

/// <summary>Arithmetic of 64-bit floating point, as both databases do it. Dividing by zero has no result.</summary>
internal sealed class ArithmeticOperand(TokenKind kind, Operand left, Operand right)
    : Operand(RuleType.Number, left.ReadsRecord || right.ReadsRecord)
{
    public TokenKind Kind { get; } = kind;

    public Operand Left { get; } = left;

    public Operand Right { get; } = right;

    public override Value Read(ref Evaluation evaluation)
    {
        var left = Left.Read(ref evaluation);
        var right = Right.Read(ref evaluation);
        if (left.IsNull || right.IsNull)
        {
            return Value.Null;
        }

        var (a, b) = (left.Number, right.Number);
        return Value.OfNumber(Kind switch
        {
            TokenKind.Plus => a + b,
            TokenKind.Minus => a - b,
            TokenKind.Times => a * b,
            TokenKind.Divide when b != 0 => a / b,
            TokenKind.Remainder when b != 0 => a % b,
            _ => double.NaN,
        });
    }
}

internal sealed class ConcatenationOperand(Operand left, Operand right)
    : Operand(RuleType.Text, left.ReadsRecord || right.ReadsRecord)
{
    public Operand Left { get; } = left;

    public Operand Right { get; } = right;

    public override Value Read(ref Evaluation evaluation)
    {
        var left = Left.Read(ref evaluation);
        var right = Right.Read(ref evaluation);
        return left.IsNull || right.IsNull ? Value.Null : Value.OfText((byte[])[.. left.ToUtf8([]), .. right.ToUtf8([])]);
    }
}

/// <summary>Changes A to Z and a to z only: the databases do not agree on the case of other letters.</summary>
internal sealed class CaseOperand(Operand text, bool isLower) : Operand(RuleType.Text, text.ReadsRecord)
{
    public Operand Text { get; } = text;

    public bool IsLower { get; } = isLower;

    public override Value Read(ref Evaluation evaluation)
    {
        var value = Text.Read(ref evaluation);
        if (value.IsNull)
        {
            return value;
        }

        var changed = value.ToUtf8([]).ToArray();
        foreach (ref var c in changed.AsSpan())
        {
            if (IsLower ? char.IsAsciiLetterUpper((char)c) : char.IsAsciiLetterLower((char)c))
            {
                c ^= 0x20;
            }
        }

        return Value.OfText(changed);
    }
}

/// <summary>The code points of a text. Not for queries: each database counts in units of its own.</summary>
internal sealed class LengthOperand(Operand text) : Operand(RuleType.Number, text.ReadsRecord)
{
    public Operand Text { get; } = text;

    public override Value Read(ref Evaluation evaluation)
    {
        var value = Text.Read(ref evaluation);
        return value.IsNull ? Value.Null : Value.OfNumber(Encoding.UTF32.GetByteCount(value.ToText()) / 4);
    }
}

/// <summary>The elements of a set.</summary>
internal sealed class SizeOperand(Operand set) : Operand(RuleType.Number, set.ReadsRecord)
{
    public Operand Set { get; } = set;

    public override Value Read(ref Evaluation evaluation)
    {
        var value = Set.Read(ref evaluation);
        return value.IsNull ? Value.Null : Value.OfNumber(value.Items?.Count ?? FieldJson.ArrayLength(value.Utf8));
    }
}

/// <summary>A timestamp of the request or of the text, moved by a fixed time.</summary>
internal sealed class MovedOperand(Operand instant, TimeSpan by) : Operand(RuleType.Timestamp, instant.ReadsRecord)
{
    public Operand Instant { get; } = instant;

    public override Value Read(ref Evaluation evaluation)
    {
        var value = Instant.Read(ref evaluation);
        return value.IsNull ? value : Value.OfInstant(Compiled.Instant.Move(value.Whole, by));
    }
}
