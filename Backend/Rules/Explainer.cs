using System.Globalization;
using System.Text.Json;
using Backend.Records;
using Backend.Rules.Compiled;

namespace Backend.Rules;

/// <summary>Asks every clause of an expression and finds those that decide.</summary>
internal ref struct Explainer
{
    private const int MaxTextLength = 100;

    private readonly string _text;
    private readonly List<Clause> _clauses = [];
    private Evaluation _evaluation;

    private Explainer(string text, Evaluation evaluation)
    {
        _text = text;
        _evaluation = evaluation;
    }

    public static Explanation Explain(
        Expression expression, ref readonly RuleContext context, StoredRecord record, StoredRecord? previous, bool ofPrevious)
    {
        var places = new FieldPlace[2 * expression.Fields.Length];
        var explainer = new Explainer(
            expression.Text, new Evaluation(in context, record, previous, expression.Fields, places));
        var allowed = explainer.Visit(expression.Condition, decides: true);
        return new Explanation(allowed, ofPrevious, explainer._clauses);
    }

    private bool Visit(Condition condition, bool decides) => condition switch
    {
        NotCondition not => !Visit(not.Term, decides),
        LogicalCondition logical => VisitLogical(logical, decides),
        _ => AddClause(condition, decides),
    };

    private bool VisitLogical(LogicalCondition logical, bool decides)
    {
        // The first false decides a false "and", the first true a true "or"; else all of them do.
        var outcome = logical.Holds(ref _evaluation);
        var isSettled = false;
        foreach (var term in logical.Terms)
        {
            var holds = term.Holds(ref _evaluation);
            var settles = outcome == logical.IsAnd || (holds == outcome && !isSettled);
            isSettled |= holds == outcome;
            Visit(term, decides && settles);
        }

        return outcome;
    }

    private bool AddClause(Condition condition, bool decided)
    {
        var holds = condition.Holds(ref _evaluation);
        var names = new List<NamedOperand>();
        Collect(condition, names);
        var values = new List<ClauseValue>();
        foreach (var name in names.DistinctBy(operand => operand.Name))
        {
            values.Add(new ClauseValue(name.Name, Show(name)));
        }

        var syntax = condition.Syntax;
        _clauses.Add(new Clause(_text[syntax.Start..syntax.End], syntax.Start, holds, decided, values));
        return holds;
    }

    private static void Collect(Condition condition, List<NamedOperand> names)
    {
        ReadOnlySpan<Operand> operands = condition switch
        {
            CompareCondition compare => [compare.Left, compare.Right],
            InListCondition list => [list.Operand],
            InSetCondition set => [set.Operand, set.Set],
            TextCondition text => [text.Text, text.Part],
            ExistsCondition exists => [exists.Operand],
            TruthCondition truth => [truth.Operand],
            _ => [],
        };
        foreach (var operand in operands)
        {
            Collect(operand, names);
        }

        foreach (var inner in condition switch
        {
            LogicalCondition logical => logical.Terms,
            NotCondition not => [not.Term],
            _ => [],
        })
        {
            Collect(inner, names);
        }
    }

    private static void Collect(Operand operand, List<NamedOperand> names)
    {
        switch (operand)
        {
            case NamedOperand named:
                names.Add(named);
                break;
            case ArithmeticOperand arithmetic:
                Collect(arithmetic.Left, names);
                Collect(arithmetic.Right, names);
                break;
            case ConcatenationOperand texts:
                Collect(texts.Left, names);
                Collect(texts.Right, names);
                break;
            case CaseOperand cased:
                Collect(cased.Text, names);
                break;
            case LengthOperand length:
                Collect(length.Text, names);
                break;
            case SizeOperand size:
                Collect(size.Set, names);
                break;
            case MovedOperand moved:
                Collect(moved.Instant, names);
                break;
            case ConditionOperand condition:
                Collect(condition.Condition, names);
                break;
        }
    }

    private string Show(NamedOperand operand)
    {
        if (operand is FieldOperand { Type: RuleType.Json } json)
        {
            var text = json.Json(ref _evaluation);
            return text.IsEmpty ? "null" : Cut(System.Text.Encoding.UTF8.GetString(text));
        }

        var value = operand.Read(ref _evaluation);
        return value.Type switch
        {
            RuleType.Text => Quote(value.ToText()),
            RuleType.Number => value.Number.ToString("R", CultureInfo.InvariantCulture),
            RuleType.Boolean => value.Whole != 0 ? "true" : "false",
            RuleType.Timestamp when operand is FieldOperand field => Cut(System.Text.Encoding.UTF8.GetString(field.Json(ref _evaluation))),
            RuleType.Timestamp => Quote(Instant.ToText(value.Whole)),
            RuleType.Set when value.Items is { } items => $"[{string.Join(',', items.Select(Quote))}]",
            RuleType.Set => Cut(System.Text.Encoding.UTF8.GetString(value.Utf8)),
            _ => "null",
        };
    }

    private static string Quote(string text) =>
        $"\"{JsonEncodedText.Encode(Cut(text), Http.JsonText.Encoder)}\"";

    private static string Cut(string text) => text.Length <= MaxTextLength ? text : text[..MaxTextLength] + "…";
}
