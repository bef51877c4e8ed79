using System.Text.RegularExpressions;
using Backend.Rules;

namespace Functions.Tests.Rules;

internal static partial class RuleTexts
{
    /// <summary>A filter's text as a rule has it: bare fields become those of the record.</summary>
    public static string Qualify(string filter) =>
        string.Concat(TextOrName().Matches(filter).Select(match => Fields.Contains(match.Value) ? $"record.{match.Value}" : match.Value));

    public static Rule Read(string text, RuleSchema schema, RecordOperation operation = RecordOperation.Read) =>
        Rule.TryParse(text, schema, operation, out var rule, out var errors)
            ? rule
            : throw new FormatException($"{text}: {string.Join("; ", errors)}");

    private static readonly HashSet<string> Fields =
        [.. Scenarios.Schema.Fields.Keys, "id", "owner", "scope", "createdAt", "updatedAt"];

    // Texts in quotes, names with what precedes and follows their dots left whole, and anything else.
    [GeneratedRegex(@"'(\\.|[^'\\])*'|""(\\.|[^""\\])*""|\.\w+|(user|space|record)\.\w+|\w+|.", RegexOptions.Singleline)]
    private static partial Regex TextOrName();
}
