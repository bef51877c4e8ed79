using System.Globalization;
using FsCheck;
using FsCheck.Fluent;

namespace Functions.Tests.Rules;

/// <summary>Makes expressions of the right types, and records that have what they ask for, or not, or something else.</summary>
internal static class Expressions
{
    private static readonly Gen<string> Texts = Gen.Elements(
        "", "a", "A", "ab", "aB", "b", "é", "É", "😀", "\ue000", "x'y", "x\"y", "\\", "\n", "a\n", "x\0y", "user", "open", "K");

    private static readonly Gen<double> Numbers = Gen.Elements(
        0, 1, 2, 3, -1, 0.5, 2.5, -2.5, 7, 10, 0.1, 0.2, 0.3, 1e15, 9007199254740991, -9007199254740991);

    private static readonly Gen<string> Instants = Gen.Elements(
        "2026-05-17T08:30:00.000Z", "2026-03-01T10:00:00.123Z", "2026-03-01T10:00:00.124Z", "2027-01-01T00:00:00.000Z", "1969-12-31T23:59:59.999Z");

    public static Gen<string> Filter { get; } = Condition(3);

    public static Gen<string> Fields { get; } =
        from text in Optional("title", Value(Texts.Select(Json)))
        from body in Optional("body", Value(Texts.Select(Json)))
        from done in Optional("done", Value(Gen.Elements("true", "false")))
        from priority in Optional("priority", Value(Numbers.Select(Number)))
        from score in Optional("score", Value(Numbers.Select(Number)))
        from due in Optional("dueAt", Value(Instants.Select(Json)))
        from starts in Optional("startsAt", Value(Instants.Select(Json)))
        from tags in Optional("tags", Value(Texts.ListOf(2).Select(items => $"[{string.Join(',', items.Select(Json))}]")))
        from meta in Optional("meta", Value(Texts.Select(Json).Select(json => $$"""{"color":{{json}},"n":3}""")))
        select $"{{{string.Join(',', ((string[])[text, body, done, priority, score, due, starts, tags, meta]).Where(field => field.Length > 0))}}}";

    private static Gen<string> Condition(int depth)
    {
        var leaf = Gen.OneOf(
            Compare(Text(2), Text(2), "==", "!=", "<", "<=", ">", ">="),
            Compare(Arithmetic(2), Arithmetic(2), "==", "!=", "<", "<=", ">", ">="),
            Compare(Instant, Instant, "==", "!=", "<", "<=", ">", ">="),
            Gen.Elements("done", "done == true", "done != false", "done == (priority > 1)", "true", "false", "meta.on"),
            Gen.Elements("title", "priority", "dueAt", "tags", "meta", "meta.color", "space.role", "createdAt").Select(name => $"{name} == null"),
            Gen.Elements("body", "score", "done", "meta.n", "user.id").Select(name => $"exists({name})"),
            from text in Text(1)
            from items in Texts.NonEmptyListOf()
            select $"{text} in [{string.Join(", ", items.Take(3).Select(Quote))}]",
            from number in Arithmetic(1)
            from items in Numbers.NonEmptyListOf()
            select $"{number} in [{string.Join(", ", items.Take(3).Select(Number))}]",
            from text in Text(1)
            from set in Gen.Elements("tags", "user.roles", "meta.tags")
            select $"{text} in {set}",
            from test in Gen.Elements("startsWith", "endsWith", "contains")
            from text in Text(2)
            from part in Text(1)
            select $"{test}({text}, {part})",
            from casing in Gen.Elements("lower", "upper")
            from name in Gen.Elements("title", "body", "meta.color", "owner")
            from wanted in Texts
            from form in Gen.Elements("{0} == {1}", "{0} != {1}", "contains({0}, {1})", "startsWith({0}, {1})", "endsWith({0}, {1})", "{0} in [{1}, 'a']", "{0} in user.roles")
            select string.Format(CultureInfo.InvariantCulture, form, $"{casing}({name})", Quote(wanted)));
        if (depth == 0)
        {
            return leaf;
        }

        var inner = Condition(depth - 1);
        return Gen.Frequency(
            (3, leaf),
            (2, inner.Select(condition => $"!({condition})")),
            (2, from left in inner from right in inner select $"({left}) && ({right})"),
            (2, from left in inner from right in inner select $"({left}) || ({right})"));
    }

    private static Gen<string> Text(int depth)
    {
        var leaf = Gen.OneOf(
            Gen.Elements("title", "body", "meta.color", "owner", "id", "scope", "user.id", "space.id", "space.role"), Texts.Select(Quote));
        // Two json places joined by + are taken for numbers, so one side has a type.
        var typed = Gen.OneOf(Gen.Elements("title", "body", "owner", "id", "user.id", "space.role"), Texts.Select(Quote));
        return depth == 0 ? leaf : Gen.Frequency(
            (4, leaf), (1, from left in typed from right in Text(depth - 1) select $"{left} + {right}"));
    }

    private static Gen<string> Arithmetic(int depth)
    {
        var leaf = Gen.OneOf(Gen.Elements("priority", "score", "meta.n", "size(tags)", "size(user.roles)"), Numbers.Select(Number));
        return depth == 0 ? leaf : Gen.Frequency(
            (3, leaf),
            (1, leaf.Select(operand => $"-{operand}")),
            (2, from left in Arithmetic(depth - 1)
                from symbol in Gen.Elements("+", "-", "*", "/", "%")
                from right in Arithmetic(depth - 1)
                select $"({left}) {symbol} ({right})"));
    }

    private static Gen<string> Instant => Gen.OneOf(
        Gen.Elements("dueAt", "startsAt", "createdAt", "updatedAt", "now", "now + days(3)", "now - hours(1.5)", "meta.at"));

    private static Gen<string> Compare(Gen<string> left, Gen<string> right, params string[] symbols) =>
        from first in left
        from symbol in Gen.Elements(symbols)
        from second in right
        where !(first.StartsWith("meta", StringComparison.Ordinal) && second.StartsWith("meta", StringComparison.Ordinal))
        select $"{first} {symbol} {second}";

    /// <summary>Mostly what is meant, sometimes null or a value of another type.</summary>
    private static Gen<string> Value(Gen<string> value) => Gen.Frequency(
        (6, value), (1, Gen.Elements("null", "5", "\"5\"", "true", "[]", "[\"a\"]", "{}", "{\"color\":\"a\"}", "\"2026-05-17T08:30:00Z\"")));

    private static Gen<string> Optional(string name, Gen<string> value) =>
        Gen.Frequency((4, value.Select(json => $"\"{name}\":{json}")), (1, Gen.Constant("")));

    private static string Quote(string text) =>
        $"'{text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("'", "\\'", StringComparison.Ordinal)}'";

    private static string Json(string text) => $"\"{System.Text.Json.JsonEncodedText.Encode(text)}\"";

    private static string Number(double number) => number.ToString("R", CultureInfo.InvariantCulture);
}
