using Backend.Rules.Compiled;
using Backend.Rules.Language;

namespace Backend.Rules.Binding;

/// <summary>Checks the types of values and makes operands of them. What is wrong is noted and comes back as null.</summary>
internal sealed class OperandBinder(
    NameBinder names, ExpressionKind kind, List<RuleError> errors, Func<Syntax, Condition> bindCondition)
{
    private static readonly TimeSpan MaxDuration = TimeSpan.FromDays(366_000);

    public const string CasedLimit =
        "read rules and filters can ask only whether lower or upper of a field is, starts with, ends with or contains a "
        + "text that is not of the record";

    /// <summary>Queries are run by databases, so what not all of them can do is refused there.</summary>
    public bool IsQuery => kind is ExpressionKind.ReadRule or ExpressionKind.Filter;

    public Operand? Bind(Syntax syntax) => syntax switch
    {
        TextSyntax text => new LiteralOperand(text.Value),
        NumberSyntax number => new LiteralOperand(number.Value),
        BooleanSyntax boolean => new LiteralOperand(boolean.Value),
        NameSyntax name => names.Bind(name),
        UnarySyntax { Operator: TokenKind.Minus } minus => BindNegation(minus),
        BinarySyntax { Operator: TokenKind.Plus or TokenKind.Minus } sum => BindSum(sum),
        BinarySyntax { Operator: TokenKind.Times or TokenKind.Divide or TokenKind.Remainder } product =>
            BindArithmetic(product, Bind(product.Left), Bind(product.Right)),
        CallSyntax { Function: "lower" or "upper" or "length" or "size" } call => BindFunction(call),
        CallSyntax { Function: "days" or "hours" or "minutes" or "seconds" } call => BindDuration(call),
        NullSyntax => Error(syntax, "null can only be compared with a name, by == or !="),
        ListSyntax => Error(syntax, "a list can only stand after in"),
        _ => new ConditionOperand(bindCondition(syntax)),
    };

    /// <summary>An operand that is read as a type: a json place is, a text literal may be a timestamp.</summary>
    public Operand? Coerce(Syntax syntax, Operand? operand, RuleType type)
    {
        if (operand is null || operand.Type == type)
        {
            return operand;
        }

        if (operand is FieldOperand { Type: RuleType.Json } field && type is not RuleType.Duration)
        {
            return field.As(type);
        }

        if (operand is LiteralOperand { Type: RuleType.Text } literal && type is RuleType.Timestamp)
        {
            return Model.FieldChecks.TryReadTimestamp(literal.Text, out var instant)
                ? new LiteralOperand(instant)
                : Error(syntax, "expected an RFC 3339 timestamp with its offset, for example '2026-05-17T08:30:00Z'");
        }

        return Error(syntax, $"expected {NameOf(type)}, this is {NameOf(operand.Type)}");
    }

    /// <summary>A text whose case a database has to change.</summary>
    public bool IsCasedInQuery(Operand operand) => IsQuery && operand is CaseOperand { ReadsRecord: true };

    public Operand? Bind(Syntax syntax, RuleType type) => Coerce(syntax, Bind(syntax), type);

    public static string NameOf(RuleType type) => type switch
    {
        RuleType.Text => "a text",
        RuleType.Number => "a number",
        RuleType.Boolean => "a boolean",
        RuleType.Timestamp => "a timestamp",
        RuleType.Set => "a set",
        RuleType.Json => "json",
        RuleType.Duration => "a duration",
        _ => "null",
    };

    private ArithmeticOperand? BindNegation(UnarySyntax minus) =>
        Bind(minus.Operand, RuleType.Number) is { } operand
            ? new ArithmeticOperand(TokenKind.Minus, new LiteralOperand(0d), operand)
            : null;

    private Operand? BindSum(BinarySyntax sum)
    {
        var (left, right) = (Bind(sum.Left), Bind(sum.Right));
        if (left is null || right is null)
        {
            return null;
        }

        if (right is LiteralOperand { Type: RuleType.Duration } duration)
        {
            return BindMove(sum, left, sum.Operator is TokenKind.Plus ? duration.Duration : -duration.Duration);
        }

        var isText = sum.Operator is TokenKind.Plus && (left.Type is RuleType.Text || right.Type is RuleType.Text);
        if (!isText)
        {
            return BindArithmetic(sum, left, right);
        }

        if (IsCasedInQuery(left) || IsCasedInQuery(right))
        {
            return Error(sum, CasedLimit);
        }

        return Coerce(sum.Left, left, RuleType.Text) is { } first && Coerce(sum.Right, right, RuleType.Text) is { } second
            ? new ConcatenationOperand(first, second)
            : null;
    }

    private Operand? BindMove(BinarySyntax sum, Operand left, TimeSpan by)
    {
        if (left.ReadsRecord)
        {
            return Error(sum, "a timestamp of the record cannot be moved; move the other side: record.dueAt < now + days(1)");
        }

        return Coerce(sum.Left, left, RuleType.Timestamp) is { } instant ? new MovedOperand(instant, by) : null;
    }

    private ArithmeticOperand? BindArithmetic(BinarySyntax syntax, Operand? left, Operand? right)
    {
        left = Coerce(syntax.Left, left, RuleType.Number);
        right = Coerce(syntax.Right, right, RuleType.Number);
        return left is null || right is null ? null : new ArithmeticOperand(syntax.Operator, left, right);
    }

    private Operand? BindFunction(CallSyntax call)
    {
        if (call.Arguments is not [var argument])
        {
            return Error(call, $"{call.Function} takes one value");
        }

        if (Bind(argument, call.Function == "size" ? RuleType.Set : RuleType.Text) is not { } operand)
        {
            return null;
        }

        return call.Function switch
        {
            "size" => new SizeOperand(operand),
            "length" when IsQuery && operand.ReadsRecord =>
                Error(call, "databases count the characters of a text differently, so read rules and filters cannot ask for its length"),
            "length" => new LengthOperand(operand),
            _ when IsQuery && operand.ReadsRecord && operand is not NamedOperand => Error(call, CasedLimit),
            var name => new CaseOperand(operand, isLower: name == "lower"),
        };
    }

    private Operand? BindDuration(CallSyntax call)
    {
        if (call.Arguments is not [NumberSyntax { Value: var count }])
        {
            return Error(call, $"{call.Function} takes one number that stands in the text, for example {call.Function}(7)");
        }

        var unit = call.Function switch
        {
            "days" => TimeSpan.TicksPerDay,
            "hours" => TimeSpan.TicksPerHour,
            "minutes" => TimeSpan.TicksPerMinute,
            _ => TimeSpan.TicksPerSecond,
        };
        return Math.Abs(count) * unit <= MaxDuration.Ticks
            ? new LiteralOperand(new TimeSpan((long)(count * unit)))
            : Error(call, "the duration is longer than a thousand years");
    }

    private Operand? Error(Syntax syntax, string message)
    {
        errors.Add(new RuleError(message, syntax.Start, syntax.End - syntax.Start));
        return null;
    }
}
