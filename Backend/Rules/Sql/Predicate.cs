namespace Backend.Rules.Sql;

/// <summary>
/// An expression as a condition of a query. What does not depend on the record has been worked out already, so a query
/// may turn out to be needless.
/// </summary>
/// <param name="Sql">
/// A condition that is true or false for every row, never null or undefined: it can be negated and joined as it is.
/// </param>
/// <param name="Parameters">The values that <paramref name="Sql"/> names.</param>
/// <param name="Constant">True or false when the condition is that for every record; null when it depends on the record.</param>
public sealed record Predicate(string Sql, IReadOnlyList<QueryParameter> Parameters, bool? Constant);

/// <param name="Name">The name with the dialect's mark, for example <c>$f0</c>.</param>
/// <param name="Value">A string, long, double or bool.</param>
public readonly record struct QueryParameter(string Name, object Value);
