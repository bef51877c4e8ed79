using System.Collections.Frozen;
using System.Diagnostics.CodeAnalysis;
using Backend.Model;
using Backend.Records;
using Backend.Rules.Binding;
using Backend.Rules.Sql;

namespace Backend.Rules;

/// <summary>
/// Decides whether a caller may do something with a record. Pure: it sees the caller, the record and the time, and
/// nothing else. The language is described in docs/rules.md.
/// </summary>
public sealed class Rule
{
    public static readonly Rule Never = BuiltIn("false", RecordOperation.Read);

    public static readonly Rule Always = BuiltIn("true", RecordOperation.Read);

    public static readonly Rule OwnerOnly = BuiltIn("record.owner == user.id", RecordOperation.Read);

    private readonly Expression _expression;

    private Rule(Expression expression, RecordOperation operation)
    {
        _expression = expression;
        Operation = operation;
    }

    /// <summary>The rule as the model states it.</summary>
    public string Text => _expression.Text;

    /// <summary>What it was written for.</summary>
    public RecordOperation Operation { get; }

    /// <summary>Whether it asks who the caller is: if not, it answers the same to everybody.</summary>
    public bool ReadsCaller => _expression.ReadsCaller;

    /// <summary>Reads a rule and checks it against its collection. Never throws, whatever the text.</summary>
    /// <param name="text">The rule.</param>
    /// <param name="schema">The collection.</param>
    /// <param name="operation">
    /// What the rule is for. A read rule becomes part of queries, so what a database cannot express is an error; only an
    /// update rule can name <c>previous</c>.
    /// </param>
    /// <param name="rule">The rule, if it has no errors.</param>
    /// <param name="errors">Every error that was found, in the order of the text; empty on success.</param>
    public static bool TryParse(
        string text, RuleSchema schema, RecordOperation operation, [NotNullWhen(true)] out Rule? rule, out IReadOnlyList<RuleError> errors)
    {
        var kind = operation switch
        {
            RecordOperation.Read => ExpressionKind.ReadRule,
            RecordOperation.Create => ExpressionKind.CreateRule,
            RecordOperation.Update => ExpressionKind.UpdateRule,
            RecordOperation.Delete => ExpressionKind.DeleteRule,
            _ => throw new ArgumentOutOfRangeException(nameof(operation)),
        };
        (var expression, errors) = ConditionBinder.Bind(text, schema, kind);
        rule = expression is null ? null : new Rule(expression, operation);
        return rule is not null;
    }

    /// <summary>Whether the rule allows it. Allocates nothing, but for texts that are joined, cased, escaped or long.</summary>
    /// <param name="context">Who asks.</param>
    /// <param name="record">The record as it is read or deleted, or as it would be after the write.</param>
    /// <param name="previous">
    /// The record before an update. A rule that does not name <c>previous</c> has to hold before and after the update:
    /// nobody gets at a record by changing what the rule asks for.
    /// </param>
    public bool Allows(in RuleContext context, StoredRecord record, StoredRecord? previous = null)
    {
        if (_expression.ReadsPrevious)
        {
            return _expression.Holds(in context, record, Require(previous));
        }

        return (previous is null || _expression.Holds(in context, previous, null)) && _expression.Holds(in context, record, null);
    }

    /// <summary>Why <see cref="Allows"/> answers what it does. For people; slower.</summary>
    public Explanation Explain(in RuleContext context, StoredRecord record, StoredRecord? previous = null)
    {
        if (_expression.ReadsPrevious)
        {
            return Explainer.Explain(_expression, in context, record, Require(previous), ofPrevious: false);
        }

        return previous is not null && !_expression.Holds(in context, previous, null)
            ? Explainer.Explain(_expression, in context, previous, null, ofPrevious: true)
            : Explainer.Explain(_expression, in context, record, null, ofPrevious: false);
    }

    /// <summary>The rule as a condition of a query, true for the same records as <see cref="Allows"/>.</summary>
    /// <param name="dialect">The database's language.</param>
    /// <param name="context">Who asks.</param>
    /// <param name="prefix">What its parameters' names start with; one for each predicate of a query.</param>
    /// <exception cref="InvalidOperationException">It is no read rule.</exception>
    public Predicate ToPredicate(SqlDialect dialect, in RuleContext context, string prefix = "r") =>
        Operation is RecordOperation.Read
            ? _expression.ToPredicate(dialect, in context, prefix)
            : throw new InvalidOperationException("Only read rules are checked for what databases can express.");

    /// <summary>The rule in its one spelling.</summary>
    public override string ToString() => _expression.Canonical;

    private static StoredRecord Require(StoredRecord? previous) =>
        previous ?? throw new ArgumentNullException(nameof(previous), "The rule names the record before the update.");

    private static Rule BuiltIn(string text, RecordOperation operation) =>
        TryParse(text, new RuleSchema("", FrozenDictionary<string, FieldModel>.Empty), operation, out var rule, out _)
            ? rule
            : throw new InvalidOperationException($"The built-in rule {text} is wrong.");
}
