using Backend.Rules.Compiled;
using Backend.Rules.Language;

namespace Backend.Rules.Binding;

/// <summary>Checks an expression against a collection and makes conditions of it. Finds every error, not the first.</summary>
internal sealed class ConditionBinder
{
    private readonly RuleSchema _schema;
    private readonly ExpressionKind _kind;
    private readonly List<RuleError> _errors = [];
    private readonly NameBinder _names;
    private readonly OperandBinder _operands;

    private ConditionBinder(RuleSchema schema, ExpressionKind kind)
    {
        _schema = schema;
        _kind = kind;
        _names = new NameBinder(schema, kind, _errors);
        _operands = new OperandBinder(_names, kind, _errors, Bind);
    }

    /// <summary>The compiled expression, or null and the errors in the order of the text.</summary>
    public static (Expression? Expression, IReadOnlyList<RuleError> Errors) Bind(
        string text, RuleSchema schema, ExpressionKind kind)
    {
        var (syntax, error) = Parser.Parse(text);
        if (syntax is null || error is not null)
        {
            return (null, error is null ? [] : [error]);
        }

        var binder = new ConditionBinder(schema, kind);
        var condition = binder.Bind(syntax);
        return binder._errors.Count == 0
            ? (new Expression(text, schema.Collection, condition, binder._names), [])
            : (null, [.. binder._errors.OrderBy(found => found.Position)]);
    }

    private Condition Bind(Syntax syntax) => syntax switch
    {
        BooleanSyntax boolean => new ConstantCondition(syntax, boolean.Value),
        LogicalSyntax logical => new LogicalCondition(syntax, logical.Operator is TokenKind.And, [.. logical.Terms.Select(Bind)]),
        UnarySyntax { Operator: TokenKind.Not } not => new NotCondition(syntax, Bind(not.Operand)),
        BinarySyntax { Operator: BinarySyntax.In } membership => BindIn(membership),
        BinarySyntax { Operator: >= TokenKind.Equal and <= TokenKind.GreaterOrEqual } comparison => BindComparison(comparison),
        CallSyntax { Function: "startsWith" or "endsWith" or "contains" } call => BindTextTest(call),
        CallSyntax { Function: "exists" } call => BindExists(call),
        CallSyntax { Function: not ("lower" or "upper" or "length" or "size" or "days" or "hours" or "minutes" or "seconds") } call =>
            Error(call, $"there is no function '{call.Function}'; known are startsWith, endsWith, contains, exists, lower, "
                + "upper, length, size, days, hours, minutes and seconds"),
        _ => BindTruth(syntax),
    };

    private Condition BindTruth(Syntax syntax) => _operands.Bind(syntax) switch
    {
        null => Failed(syntax),
        { Type: RuleType.Boolean or RuleType.Json } operand
            when _operands.Coerce(syntax, operand, RuleType.Boolean) is { } boolean => new TruthCondition(syntax, boolean),
        var operand => Error(syntax, $"expected a condition, this is {OperandBinder.NameOf(operand.Type)}"),
    };

    private Condition BindComparison(BinarySyntax syntax)
    {
        if (syntax.Left is NullSyntax || syntax.Right is NullSyntax)
        {
            return BindNullTest(syntax);
        }

        var (left, right) = (_operands.Bind(syntax.Left), _operands.Bind(syntax.Right));
        if (left is null || right is null)
        {
            return Failed(syntax);
        }

        if (left.Type is RuleType.Json && right.Type is RuleType.Json)
        {
            return Error(syntax, "the type of neither side is known; compare one json place with something of a type");
        }

        // A timestamp and a known type win over what can be read as them.
        var type = left.Type is RuleType.Json || (right.Type is RuleType.Timestamp && left is LiteralOperand) ? right.Type : left.Type;
        left = _operands.Coerce(syntax.Left, left, type);
        right = _operands.Coerce(syntax.Right, right, type);
        if (left is null || right is null)
        {
            return Failed(syntax);
        }

        if (!CanCompareCased(left, right, syntax.Operator) || !CanCompareCased(right, left, syntax.Operator))
        {
            return Error(syntax, OperandBinder.CasedLimit);
        }

        CheckChoice(syntax.Left, left, syntax.Right, right);
        return (type, syntax.Operator) switch
        {
            (RuleType.Text or RuleType.Number or RuleType.Timestamp, _)
                or (RuleType.Boolean, TokenKind.Equal or TokenKind.NotEqual) =>
                    new CompareCondition(syntax, syntax.Operator, left, right),
            (RuleType.Set, _) => Error(syntax, "a set is not compared as a whole; use in or size"),
            _ => Error(syntax, $"{SyntaxPrinter.SymbolOf(syntax.Operator)} does not compare {OperandBinder.NameOf(type)}"),
        };
    }

    private bool CanCompareCased(Operand cased, Operand other, TokenKind kind) =>
        !_operands.IsCasedInQuery(cased) || (!other.ReadsRecord && kind is TokenKind.Equal or TokenKind.NotEqual);

    private Condition BindNullTest(BinarySyntax syntax)
    {
        var tested = syntax.Left is NullSyntax ? syntax.Right : syntax.Left;
        return syntax.Operator is not (TokenKind.Equal or TokenKind.NotEqual) || tested is not NameSyntax name
            ? Error(syntax, "null can only be compared with a name, by == or !=")
            : _names.Bind(name) is { } operand
                ? new ExistsCondition(syntax, operand, isNegated: syntax.Operator is TokenKind.Equal)
                : Failed(syntax);
    }

    private Condition BindExists(CallSyntax call)
    {
        if (call.Arguments is not [NameSyntax name])
        {
            return Error(call, "exists takes one name, for example exists(record.dueAt)");
        }

        return _names.Bind(name) is { } operand ? new ExistsCondition(call, operand, isNegated: false) : Failed(call);
    }

    private Condition BindIn(BinarySyntax syntax)
    {
        var left = _operands.Bind(syntax.Left);
        if (syntax.Right is ListSyntax list)
        {
            return left is null ? Failed(syntax) : BindInList(syntax, left, list);
        }

        var text = _operands.Coerce(syntax.Left, left, RuleType.Text);
        var set = _operands.Bind(syntax.Right, RuleType.Set);
        if (text is null || set is null)
        {
            return Failed(syntax);
        }

        return CanCompareCased(text, set, TokenKind.Equal)
            ? new InSetCondition(syntax, text, set)
            : Error(syntax, OperandBinder.CasedLimit);
    }

    private Condition BindInList(BinarySyntax syntax, Operand left, ListSyntax list)
    {
        if (list.Items.Count == 0)
        {
            return Error(list, "nothing is in an empty list");
        }

        var type = left.Type is RuleType.Json && list.Items[0] is NumberSyntax ? RuleType.Number
            : left.Type is RuleType.Number ? RuleType.Number : RuleType.Text;
        var items = list.Items.Select(item => BindItem(item, type)).ToArray();
        if (_operands.Coerce(syntax.Left, left, type) is not { } operand || items.Contains(null))
        {
            return Failed(syntax);
        }

        for (var i = 0; i < items.Length; i++)
        {
            CheckChoice(syntax.Left, operand, list.Items[i], items[i]);
        }

        return new InListCondition(syntax, operand, [.. items.OfType<LiteralOperand>()]);
    }

    private LiteralOperand? BindItem(Syntax item, RuleType type)
    {
        if (item is TextSyntax or NumberSyntax)
        {
            return _operands.Bind(item, type) as LiteralOperand;
        }

        Error(item, "a list holds texts in quotes or numbers");
        return null;
    }

    private Condition BindTextTest(CallSyntax call)
    {
        if (call.Arguments is not [var text, var part])
        {
            return Error(call, $"{call.Function} takes a text and the part to look for");
        }

        var (whole, wanted) = (_operands.Bind(text, RuleType.Text), _operands.Bind(part, RuleType.Text));
        var test = call.Function switch
        {
            "startsWith" => TextTest.StartsWith,
            "endsWith" => TextTest.EndsWith,
            _ => TextTest.Contains,
        };
        if (whole is null || wanted is null)
        {
            return Failed(call);
        }

        return CanCompareCased(whole, wanted, TokenKind.Equal) && !_operands.IsCasedInQuery(wanted)
            ? new TextCondition(call, test, whole, wanted)
            : Error(call, OperandBinder.CasedLimit);
    }

    /// <summary>In a rule, a text that a name can never stand for is a slip of the pen; a filter may come from a newer app.</summary>
    private void CheckChoice(Syntax left, Operand leftOperand, Syntax right, Operand? rightOperand)
    {
        var (named, literal, at) = (leftOperand, rightOperand) switch
        {
            (NamedOperand a, LiteralOperand b) => (a, b, right),
            (LiteralOperand a, NamedOperand b) => (b, a, left),
            _ => (null, null, left),
        };
        if (_kind is ExpressionKind.Filter || literal is not { Type: RuleType.Text })
        {
            return;
        }

        IEnumerable<string>? choices = named switch
        {
            FieldOperand { Path: [var field] } => _schema.Fields[field].Enum,
            ContextOperand { What: ContextName.SpaceRole } => _schema.SpaceRoles,
            _ => null,
        };
        if (choices?.Contains(literal.Text, StringComparer.Ordinal) is false)
        {
            Error(at, $"'{(named is FieldOperand { Path: [var name] } ? name : named?.Name)}' can only be {string.Join(", ", choices)}");
        }
    }

    private ConstantCondition Error(Syntax syntax, string message)
    {
        _errors.Add(new RuleError(message, syntax.Start, syntax.End - syntax.Start));
        return Failed(syntax);
    }

    private static ConstantCondition Failed(Syntax syntax) => new(syntax, false);
}
