using Backend.Records;
using Backend.Rules.Binding;
using Backend.Rules.Compiled;
using Backend.Rules.Language;
using Backend.Rules.Sql;

namespace Backend.Rules;

/// <summary>A checked expression, ready to be asked: what rules and filters have in common. Immutable.</summary>
internal sealed class Expression(string text, string collection, Condition condition, NameBinder names)
{
    public string Text { get; } = text;

    public string Collection { get; } = collection;

    public Condition Condition { get; } = condition;

    public bool ReadsPrevious { get; } = names.ReadsPrevious;

    public bool ReadsCaller { get; } = names.ReadsCaller;

    public byte[][] Fields { get; } = names.Fields;

    /// <summary>The expression in its one spelling.</summary>
    public string Canonical => SyntaxPrinter.Print(Condition.Syntax);

    public bool Holds(ref readonly RuleContext context, StoredRecord record, StoredRecord? previous)
    {
        // The limit of nodes limits the fields.
        Span<FieldPlace> places = stackalloc FieldPlace[2 * Fields.Length];
        var evaluation = new Evaluation(in context, record, previous, Fields, places);
        return Condition.Holds(ref evaluation);
    }

    public Predicate ToPredicate(SqlDialect dialect, ref readonly RuleContext context, string prefix) =>
        PredicateWriter.Write(this, dialect, in context, prefix);
}
