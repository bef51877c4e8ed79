namespace Backend.Rules;

/// <summary>Why a rule allowed or denied.</summary>
/// <param name="Allowed">The outcome.</param>
/// <param name="OfPrevious">
/// Whether the clauses show the record as it was before an update: where an update rule does not name
/// <c>previous</c>, it has to hold before and after, and before comes first.
/// </param>
/// <param name="Clauses">Every clause of the rule in the order of its text, also those that the check had no need to ask.</param>
public sealed record Explanation(bool Allowed, bool OfPrevious, IReadOnlyList<Clause> Clauses);

/// <summary>A part of a rule that stands between <c>&amp;&amp;</c>, <c>||</c> and <c>!</c>.</summary>
/// <param name="Text">The clause as the rule has it.</param>
/// <param name="Position">Where it starts in the rule, from 0.</param>
/// <param name="Holds">Its value.</param>
/// <param name="Decided">Whether the outcome rests on it: others of the same value that come later do not count.</param>
/// <param name="Values">What the names in it stood for.</param>
public sealed record Clause(string Text, int Position, bool Holds, bool Decided, IReadOnlyList<ClauseValue> Values);

/// <param name="Name">A name as the clause has it, for example <c>record.owner</c>.</param>
/// <param name="Json">Its value as JSON text; long ones are cut. Made for people, not for logs: it holds user data.</param>
public sealed record ClauseValue(string Name, string Json);
