using Backend.Rules.Language;

namespace Backend.Rules.Compiled;

/// <summary>A part of an expression that is true or false, never anything else.</summary>
/// <param name="syntax">Where it stands in the text.</param>
/// <param name="readsRecord">Whether its value depends on the record.</param>
internal abstract class Condition(Syntax syntax, bool readsRecord)
{
    public Syntax Syntax { get; } = syntax;

    public bool ReadsRecord { get; } = readsRecord;

    public abstract bool Holds(ref Evaluation evaluation);
}

internal sealed class ConstantCondition(Syntax syntax, bool value) : Condition(syntax, false)
{
    public override bool Holds(ref Evaluation evaluation) => value;
}

/// <summary>Conditions joined by <c>&amp;&amp;</c> or <c>||</c>.</summary>
internal sealed class LogicalCondition(Syntax syntax, bool isAnd, Condition[] terms)
    : Condition(syntax, terms.Any(term => term.ReadsRecord))
{
    public bool IsAnd { get; } = isAnd;

    public IReadOnlyList<Condition> Terms => terms;

    public override bool Holds(ref Evaluation evaluation)
    {
        foreach (var term in terms)
        {
            if (term.Holds(ref evaluation) != IsAnd)
            {
                return !IsAnd;
            }
        }

        return IsAnd;
    }
}

internal sealed class NotCondition(Syntax syntax, Condition term) : Condition(syntax, term.ReadsRecord)
{
    public Condition Term { get; } = term;

    public override bool Holds(ref Evaluation evaluation) => !Term.Holds(ref evaluation);
}

/// <summary>Two values of one type. Null equals nothing and is less or greater than nothing.</summary>
internal sealed class CompareCondition(Syntax syntax, TokenKind kind, Operand left, Operand right)
    : Condition(syntax, left.ReadsRecord || right.ReadsRecord)
{
    public TokenKind Kind { get; } = kind;

    public Operand Left { get; } = left;

    public Operand Right { get; } = right;

    public override bool Holds(ref Evaluation evaluation)
    {
        var left = Left.Read(ref evaluation);
        if (left.IsNull)
        {
            return Kind is TokenKind.NotEqual;
        }

        var right = Right.Read(ref evaluation);
        if (right.IsNull)
        {
            return Kind is TokenKind.NotEqual;
        }

        if (Kind is TokenKind.Equal or TokenKind.NotEqual && left.Type is RuleType.Text)
        {
            return Value.TextEquals(left, right) == Kind is TokenKind.Equal;
        }

        var order = Value.Order(left, right);
        return Kind switch
        {
            TokenKind.Equal => order == 0,
            TokenKind.NotEqual => order != 0,
            TokenKind.Less => order < 0,
            TokenKind.LessOrEqual => order <= 0,
            TokenKind.Greater => order > 0,
            _ => order >= 0,
        };
    }
}

/// <summary>A text or a number in a list of literals.</summary>
internal sealed class InListCondition(Syntax syntax, Operand operand, LiteralOperand[] items)
    : Condition(syntax, operand.ReadsRecord)
{
    public Operand Operand { get; } = operand;

    public IReadOnlyList<LiteralOperand> Items => items;

    public override bool Holds(ref Evaluation evaluation)
    {
        var value = Operand.Read(ref evaluation);
        if (value.IsNull)
        {
            return false;
        }

        foreach (var item in items)
        {
            var literal = item.Read(ref evaluation);
            if (value.Type is RuleType.Text ? Value.TextEquals(value, literal) : value.Number == literal.Number)
            {
                return true;
            }
        }

        return false;
    }
}

/// <summary>A text in a set.</summary>
internal sealed class InSetCondition(Syntax syntax, Operand operand, Operand set)
    : Condition(syntax, operand.ReadsRecord || set.ReadsRecord)
{
    public Operand Operand { get; } = operand;

    public Operand Set { get; } = set;

    public override bool Holds(ref Evaluation evaluation)
    {
        var text = Operand.Read(ref evaluation);
        var set = Set.Read(ref evaluation);
        if (text.IsNull || set.IsNull)
        {
            return false;
        }

        if (set.Items is not { } items)
        {
            return FieldJson.ArrayContains(set.Utf8, text);
        }

        for (var i = 0; i < items.Count; i++)
        {
            if (Value.TextEquals(text, Value.OfText(items[i])))
            {
                return true;
            }
        }

        return false;
    }
}

internal enum TextTest
{
    StartsWith,
    EndsWith,
    Contains,
}

/// <summary>Whether a text has another one in it, byte for byte: UTF-8 keeps characters apart.</summary>
internal sealed class TextCondition(Syntax syntax, TextTest test, Operand text, Operand part)
    : Condition(syntax, text.ReadsRecord || part.ReadsRecord)
{
    public TextTest Test { get; } = test;

    public Operand Text { get; } = text;

    public Operand Part { get; } = part;

    public override bool Holds(ref Evaluation evaluation)
    {
        var text = Text.Read(ref evaluation);
        var part = Part.Read(ref evaluation);
        if (text.IsNull || part.IsNull)
        {
            return false;
        }

        Span<byte> textScratch = stackalloc byte[256];
        Span<byte> partScratch = stackalloc byte[256];
        var whole = text.ToUtf8(textScratch);
        var wanted = part.ToUtf8(partScratch);
        return Test switch
        {
            TextTest.StartsWith => whole.StartsWith(wanted),
            TextTest.EndsWith => whole.EndsWith(wanted),
            _ => whole.IndexOf(wanted) >= 0,
        };
    }
}

/// <summary>Whether a name stands for a value at all.</summary>
internal sealed class ExistsCondition(Syntax syntax, Operand operand, bool isNegated) : Condition(syntax, operand.ReadsRecord)
{
    public Operand Operand { get; } = operand;

    /// <summary>Written <c>x == null</c>.</summary>
    public bool IsNegated { get; } = isNegated;

    public override bool Holds(ref Evaluation evaluation)
    {
        var exists = Operand is FieldOperand field ? field.Exists(ref evaluation) : !Operand.Read(ref evaluation).IsNull;
        return exists != IsNegated;
    }
}

/// <summary>A boolean that stands alone: whether it is true.</summary>
internal sealed class TruthCondition(Syntax syntax, Operand operand) : Condition(syntax, operand.ReadsRecord)
{
    public Operand Operand { get; } = operand;

    public override bool Holds(ref Evaluation evaluation) => Operand.Read(ref evaluation) is { IsNull: false, Whole: 1 };
}
