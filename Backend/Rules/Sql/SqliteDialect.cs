using Backend.Rules.Compiled;
using Backend.Rules.Language;

namespace Backend.Rules.Sql;

/// <summary>
/// SQLite over the table of records: <c>fields</c> is JSON text, times are milliseconds since 1970. Texts compare by
/// their UTF-8 bytes, which is SQLite's own collation (BINARY).
/// </summary>
/// <param name="table">The table or its alias in the query.</param>
public sealed class SqliteDialect(string table = "records") : SqlDialect
{
    private const string TimestampPattern =
        "[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]T[0-9][0-9]:[0-9][0-9]:[0-9][0-9].[0-9][0-9][0-9]Z";

    internal override string True => "1";

    internal override string False => "0";

    internal override string Parameter(string name) => $"${name}";

    internal override object Boolean(bool value) => value ? 1L : 0L;

    internal override string IsOfType(IReadOnlyList<string> path, RuleType type) => type switch
    {
        RuleType.Text => $"json_type({Place(path)}) IS 'text'",
        RuleType.Number => $"ifnull(json_type({Place(path)}), '') IN ('integer', 'real')",
        RuleType.Boolean => $"ifnull(json_type({Place(path)}), '') IN ('true', 'false')",
        RuleType.Set => $"json_type({Place(path)}) IS 'array'",
        // GLOB stops at a NUL, so the length is asked for too, in bytes.
        RuleType.Timestamp => $"json_type({Place(path)}) IS 'text' AND length(CAST(json_extract({Place(path)}) AS BLOB)) = 24 "
            + $"AND json_extract({Place(path)}) GLOB '{TimestampPattern}'",
        _ => throw new ArgumentOutOfRangeException(nameof(type)),
    };

    internal override string Exists(IReadOnlyList<string> path) => $"ifnull(json_type({Place(path)}), 'null') <> 'null'";

    internal override string Is(IReadOnlyList<string> path, bool value) =>
        // The value too, which is what an index has.
        $"json_extract({Place(path)}) = {(value ? 1 : 0)} AND json_type({Place(path)}) IS '{(value ? "true" : "false")}'";

    internal override string Value(IReadOnlyList<string> path, RuleType type, bool isExact) =>
        type is RuleType.Number && !isExact ? $"CAST(json_extract({Place(path)}) AS REAL)" : $"json_extract({Place(path)})";

    internal override string Record(RecordName name, string collection) => name switch
    {
        RecordName.Id => $"{table}.id",
        RecordName.Owner => $"{table}.owner",
        RecordName.Scope => $"{table}.scope",
        // Whole seconds: with a fraction, strftime would go through floating point.
        _ => $"(strftime('%Y-%m-%dT%H:%M:%S', {Time(name)} / 1000, 'unixepoch') || printf('.%03dZ', {Time(name)} % 1000))",
    };

    internal override (string Sql, string Prefix) StoredId(string collection) => ($"{table}.id", "");

    internal override string CompareTime(RecordName name, TokenKind kind, long instant, Func<object, string> addParameter) =>
        Compare(Time(name), kind, addParameter(Instant.Unpack(instant).ToUnixTimeMilliseconds()));

    internal override string Arithmetic(TokenKind kind, string left, string right, List<string> guards) =>
        // SQLite's own % is for whole numbers only.
        kind is TokenKind.Remainder ? $"mod({left}, {right})" : $"{left} {SymbolOf(kind)} {right}";

    internal override string HasResult(string arithmetic) => $"{arithmetic} IS NOT NULL";

    internal override string Concatenate(string left, string right) => $"{left} || {right}";

    internal override string TestCased(
        TextTest? test, string text, bool isLower, string wanted, Func<object, string> addParameter)
    {
        // SQLite's functions know the letters of ASCII only, which is what the language says.
        var cased = isLower ? $"lower({text})" : $"upper({text})";
        var parameter = addParameter(wanted);
        return test is { } part ? Test(part, cased, parameter) : Compare(cased, TokenKind.Equal, parameter);
    }

    internal override string Size(IReadOnlyList<string> path) => $"json_array_length({Place(path)})";

    internal override string SetContains(IReadOnlyList<string> path, string text) =>
        $"EXISTS (SELECT 1 FROM json_each({Place(path)}) AS element WHERE element.type = 'text' AND element.value = {text})";

    internal override string Test(TextTest test, string text, string part) => test switch
    {
        TextTest.StartsWith => $"instr({text}, {part}) = 1",
        TextTest.Contains => $"instr({text}, {part}) > 0",
        // As bytes: length and substr of a text stop at a NUL. A negative start counts from the end; of no bytes at all,
        // substr makes null.
        _ => $"(length(CAST({part} AS BLOB)) = 0 OR ifnull("
            + $"substr(CAST({text} AS BLOB), -length(CAST({part} AS BLOB))) = CAST({part} AS BLOB), 0))",
    };

    private string Place(IReadOnlyList<string> path) => $"{table}.fields, '$.\"{string.Join("\".\"", path)}\"'";

    private string Time(RecordName name) => name is RecordName.CreatedAt ? $"{table}.created_at" : $"{table}.updated_at";
}
