using Backend.Rules;
using Backend.Rules.Language;
using Backend.Rules.Sql;
using FsCheck;
using FsCheck.Fluent;

namespace Functions.Tests.Rules;

public sealed class RuleProperties
{
    [Fact]
    public void SQLite_and_the_evaluator_agree_on_any_expression_of_any_record()
    {
        using var database = new SqliteRecords([]);
        var samples = Arb.From(
            from text in Expressions.Filter
            from fields in Expressions.Fields
            from caller in Gen.Elements(Scenarios.Callers.Keys.ToArray())
            select (text, fields, caller));

        Verify(10_000, Prop.ForAll(samples, sample =>
        {
            var record = Scenarios.Record("any", sample.fields);
            var context = Scenarios.Callers[sample.caller];
            var filter = Scenarios.Parse(sample.text);
            database.Add(record);
            return filter.Matches(context, record) == database.Ids(filter.ToPredicate(new SqliteDialect(), context)).Contains("any");
        }));
    }

    [Fact]
    public void An_explanation_comes_to_the_same_as_the_check_and_its_deciding_clauses_suffice()
    {
        var samples = Arb.From(from text in Expressions.Filter from fields in Expressions.Fields select (text, fields));

        Verify(2_000, Prop.ForAll(samples, sample =>
        {
            var record = Scenarios.Record("any", sample.fields);
            var rule = RuleTexts.Read(RuleTexts.Qualify(sample.text), Scenarios.Schema);
            var explanation = rule.Explain(Scenarios.Callers["editor"], record);
            return explanation.Allowed == rule.Allows(Scenarios.Callers["editor"], record)
                && explanation.Clauses.Any(clause => clause.Decided);
        }));
    }

    [Fact]
    public void What_is_printed_reads_as_the_same_tree()
    {
        Verify(5_000, Prop.ForAll(Arb.From(SyntaxTrees.Any), tree =>
        {
            var text = SyntaxPrinter.Print(tree);
            var (parsed, error) = Parser.Parse(text);
            return error is null && parsed is not null && SyntaxTrees.Shape(parsed) == SyntaxTrees.Shape(tree)
                && SyntaxPrinter.Print(parsed) == text;
        }));
    }

    [Fact]
    public void Any_characters_are_read_or_refused_within_the_text()
    {
        const string Alphabet = " \t\n.,()[]!=<>&|+-*/%'\"\\u0123456789eE_aAzrecordtitleintruenull\0\ud83d\ude00é@#$`{}:;?^~";
        var noise = Gen.Elements(Alphabet.ToCharArray()).ArrayOf().Select(characters => new string(characters));

        Verify(20_000, Prop.ForAll(Arb.From(noise), Holds));
    }

    [Fact]
    public void Any_damaged_expression_is_read_or_refused_within_the_text()
    {
        var damaged =
            from text in Expressions.Filter
            from place in Gen.Choose(0, text.Length)
            from removed in Gen.Choose(0, 4)
            from added in Gen.Elements("", "(", ")", "'", "\"", "[", "]", ".", "!", "-", "in", "null", "==", "&&", "\\", "\0", "1e9", "é", "\ud800")
            select text[..place] + added + text[Math.Min(place + removed, text.Length)..];

        Verify(20_000, Prop.ForAll(Arb.From(damaged), Holds));
    }

    [Fact]
    public void The_longest_texts_are_refused_in_time_that_their_length_bounds()
    {
        string[] pieces = ["(", "[", "!", "-", "a.", "a(", "a in [", "'", "((a", "1+", "a&&", "a||(", "a==", "a,", "\\", "length(", "days(1)+"];
        var watch = System.Diagnostics.Stopwatch.StartNew();
        foreach (var piece in pieces)
        {
            var text = string.Concat(Enumerable.Repeat(piece, RuleLimits.MaxLength / piece.Length));
            Assert.True(Holds(text), piece);
        }

        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(5), $"{watch.Elapsed}");
    }

    /// <summary>Never throws; an error lies within the text; what is accepted can be asked and translated.</summary>
    private static bool Holds(string text)
    {
        if (!Filter.TryParse(text, Scenarios.Schema, out var filter, out var errors))
        {
            return errors.Count > 0 && errors.All(error =>
                error.Position >= 0 && error.Length >= 0 && error.Position + error.Length <= text.Length && error.Message.Length > 0);
        }

        foreach (var record in Scenarios.Records)
        {
            filter.Matches(Scenarios.Callers["editor"], record);
        }

        return errors.Count == 0
            && filter.ToPredicate(new SqliteDialect(), Scenarios.Callers["alice"]).Sql.Length > 0
            && filter.ToPredicate(new CosmosDialect(), Scenarios.Callers["nobody"]).Sql.Length > 0
            && Filter.TryParse(filter.ToString(), Scenarios.Schema, out _, out _);
    }

    private static void Verify(int runs, Property property) =>
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(runs).WithQuietOnSuccess(true), property);
}
