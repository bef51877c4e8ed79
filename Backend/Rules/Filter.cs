using System.Diagnostics.CodeAnalysis;
using Backend.Records;
using Backend.Rules.Binding;
using Backend.Rules.Compiled;
using Backend.Rules.Sql;

namespace Backend.Rules;

/// <summary>
/// Which records a caller wants of those that the read rule lets through, as the parameter <c>filter</c> of a list says
/// it. The same language as rules, where a name that stands alone is a field of the record.
/// </summary>
public sealed class Filter
{
    private readonly Expression _expression;

    private Filter(Expression expression) => _expression = expression;

    /// <summary>The filter as the caller sent it.</summary>
    public string Text => _expression.Text;

    /// <inheritdoc cref="Rule.ReadsCaller"/>
    public bool ReadsCaller => _expression.ReadsCaller;

    /// <summary>Reads a filter and checks it against its collection. Never throws, whatever the text.</summary>
    public static bool TryParse(
        string text, RuleSchema schema, [NotNullWhen(true)] out Filter? filter, out IReadOnlyList<RuleError> errors)
    {
        (var expression, errors) = ConditionBinder.Bind(text, schema, ExpressionKind.Filter);
        filter = expression is null ? null : new Filter(expression);
        return filter is not null;
    }

    public bool Matches(in RuleContext context, StoredRecord record) => _expression.Holds(in context, record, null);

    /// <summary>The filter as a condition of a query, true for the same records as <see cref="Matches"/>.</summary>
    /// <param name="dialect">The database's language.</param>
    /// <param name="context">Who asks.</param>
    /// <param name="prefix">What its parameters' names start with; one for each predicate of a query.</param>
    public Predicate ToPredicate(SqlDialect dialect, in RuleContext context, string prefix = "f") =>
        _expression.ToPredicate(dialect, in context, prefix);

    /// <summary>Whether all records that match have the same value of a field, or the same <c>owner</c>.</summary>
    public bool Fixes(string name) => FixedNames.Of(_expression.Condition).Contains(name);

    /// <summary>
    /// The filter in its one spelling: equal for filters that differ in spaces, quotes and needless parentheses only.
    /// </summary>
    public override string ToString() => _expression.Canonical;
}
