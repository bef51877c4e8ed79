using System.Globalization;
using Backend.Rules.Compiled;
using Backend.Rules.Language;

namespace Backend.Rules.Sql;

/// <summary>
/// Cosmos DB over documents with the fields in <c>c.fields</c>, the collection before the id and times as text with seven
/// decimals (docs/cosmos.md). What is not there is undefined there, and undefined is neither true nor false: every
/// operand is asked for its type first.
/// </summary>
/// <param name="alias">The documents' name in the query.</param>
public sealed class CosmosDialect(string alias = "c") : SqlDialect
{
    private const string TimestampPattern = "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}[.][0-9]{3}Z$";

    internal override string True => "true";

    internal override string False => "false";

    internal override string Parameter(string name) => $"@{name}";

    internal override object Boolean(bool value) => value;

    internal override string IsOfType(IReadOnlyList<string> path, RuleType type) => type switch
    {
        RuleType.Text => $"IS_STRING({Place(path)})",
        RuleType.Number => $"IS_NUMBER({Place(path)})",
        RuleType.Boolean => $"IS_BOOL({Place(path)})",
        RuleType.Set => $"IS_ARRAY({Place(path)})",
        // $ lets a line end follow, so the length is asked for too.
        RuleType.Timestamp =>
            $"IS_STRING({Place(path)}) AND LENGTH({Place(path)}) = 24 AND RegexMatch({Place(path)}, \"{TimestampPattern}\")",
        _ => throw new ArgumentOutOfRangeException(nameof(type)),
    };

    internal override string Exists(IReadOnlyList<string> path) =>
        $"IS_DEFINED({Place(path)}) AND NOT IS_NULL({Place(path)})";

    internal override string Is(IReadOnlyList<string> path, bool value) =>
        $"{Place(path)} = {(value ? True : False)} AND IS_BOOL({Place(path)})";

    internal override string Value(IReadOnlyList<string> path, RuleType type, bool isExact) => Place(path);

    internal override string Record(RecordName name, string collection) => name switch
    {
        RecordName.Id => $"SUBSTRING({alias}.id, {collection.Length + 1}, {Records.RecordId.MaxLength})",
        RecordName.Owner => $"{alias}.owner",
        RecordName.Scope => $"{alias}.scope",
        _ => $"CONCAT(LEFT({Time(name)}, 23), \"Z\")",
    };

    internal override (string Sql, string Prefix) StoredId(string collection) => ($"{alias}.id", $"{collection}:");

    /// <summary>
    /// Expressions see milliseconds. A millisecond is the range from its text with four zeros to the one with four nines,
    /// which keeps the property bare, so that an index can serve it.
    /// </summary>
    internal override string CompareTime(RecordName name, TokenKind kind, long instant, Func<object, string> addParameter)
    {
        var text = Instant.ToText(instant)[..^1];
        string First() => addParameter(text + "0000Z");
        string Last() => addParameter(text + "9999Z");
        return kind switch
        {
            TokenKind.Equal => $"{Time(name)} >= {First()} AND {Time(name)} <= {Last()}",
            TokenKind.Less or TokenKind.GreaterOrEqual => Compare(Time(name), kind, First()),
            _ => Compare(Time(name), kind, Last()),
        };
    }

    internal override string Arithmetic(TokenKind kind, string left, string right, List<string> guards)
    {
        if (kind is TokenKind.Divide or TokenKind.Remainder)
        {
            guards.Add($"{right} != 0");
        }

        return $"{left} {SymbolOf(kind)} {right}";
    }

    internal override string HasResult(string arithmetic) => $"IS_NUMBER({arithmetic})";

    internal override string Concatenate(string left, string right) => $"CONCAT({left}, {right})";

    /// <summary>
    /// A regular expression: LOWER and UPPER change the letters of every alphabet, and so does its modifier i. The
    /// service speaks PCRE, where $ stands before a last line end too; (?!\n) rules that out.
    /// </summary>
    internal override string TestCased(
        TextTest? test, string text, bool isLower, string wanted, Func<object, string> addParameter)
    {
        if (wanted.Any(isLower ? char.IsAsciiLetterUpper : char.IsAsciiLetterLower))
        {
            return False;
        }

        var pattern = string.Concat(wanted.Select(EitherCase));
        pattern = test switch
        {
            TextTest.StartsWith => $"^{pattern}",
            TextTest.EndsWith => $@"{pattern}(?!\n)$",
            TextTest.Contains => pattern,
            _ => $@"^{pattern}(?!\n)$",
        };
        return $"RegexMatch({text}, {addParameter(pattern)})";
    }

    private static string EitherCase(char c) =>
        char.IsAsciiLetter(c) ? $"[{char.ToUpperInvariant(c)}{char.ToLowerInvariant(c)}]"
        : char.IsAscii(c) ? string.Create(CultureInfo.InvariantCulture, $@"\x{(int)c:x2}")
        : c.ToString();

    internal override string Size(IReadOnlyList<string> path) => $"ARRAY_LENGTH({Place(path)})";

    internal override string SetContains(IReadOnlyList<string> path, string text) => $"ARRAY_CONTAINS({Place(path)}, {text})";

    internal override string Test(TextTest test, string text, string part) => test switch
    {
        TextTest.StartsWith => $"STARTSWITH({text}, {part})",
        TextTest.EndsWith => $"ENDSWITH({text}, {part})",
        _ => $"CONTAINS({text}, {part})",
    };

    private string Place(IReadOnlyList<string> path) => $"{alias}.fields[\"{string.Join("\"][\"", path)}\"]";

    private string Time(RecordName name) => name is RecordName.CreatedAt ? $"{alias}.createdAt" : $"{alias}.updatedAt";
}
