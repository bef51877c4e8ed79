using Backend.Records;
using Backend.Rules.Sql;

namespace Functions.Tests.Rules;

/// <summary>One table for all that can answer an expression; they agree on it and on every other record too.</summary>
public sealed class ScenarioTests
{
    [Fact]
    public void The_evaluator_answers_every_row_of_the_table()
    {
        var records = Scenarios.Records.ToDictionary(record => record.Key.Id.Value);

        Assert.True(Scenarios.All.Count > 300);
        AssertNone(Scenarios.All
            .Where(row => Scenarios.Parse(row.Expression).Matches(row.Context, records[row.Record]) != row.Expected)
            .Select(row => $"{row.Expression} of {row.Record} for {row.Caller} is not {row.Expected}"));
    }

    [Fact]
    public void SQLite_answers_every_row_of_the_table()
    {
        using var database = new SqliteRecords(Scenarios.Records);

        AssertNone(Scenarios.All
            .Where(row => database.Ids(Translate(row)).Contains(row.Record) != row.Expected)
            .Select(row => $"{row.Expression} of {row.Record} for {row.Caller} is not {row.Expected}: {Translate(row).Sql}"));
    }

    [Fact]
    public void SQLite_and_the_evaluator_agree_on_every_expression_for_every_record_and_caller()
    {
        using var database = new SqliteRecords(Scenarios.Records);
        var dialect = new SqliteDialect();

        foreach (var expression in Scenarios.All.Select(row => row.Expression).Distinct())
        {
            foreach (var (name, caller) in Scenarios.Callers)
            {
                var filter = Scenarios.Parse(expression);
                var expected = Scenarios.Records.Where(record => filter.Matches(caller, record)).Select(Id).Order();
                Assert.True(
                    expected.SequenceEqual(database.Ids(filter.ToPredicate(dialect, caller)).Order()), $"{expression} for {name}");
            }
        }
    }

    [Fact]
    public void Every_row_reads_the_same_as_a_read_rule()
    {
        var records = Scenarios.Records.ToDictionary(record => record.Key.Id.Value);
        foreach (var row in Scenarios.All)
        {
            var rule = RuleTexts.Read(RuleTexts.Qualify(row.Expression), Scenarios.Schema);

            Assert.True(row.Expected == rule.Allows(row.Context, records[row.Record]), $"{rule.Text} for {row.Caller}");
            Assert.True(row.Expected == rule.Explain(row.Context, records[row.Record]).Allowed, rule.Text);
        }
    }

    /// <summary>All wrong rows at once, each readable.</summary>
    internal static void AssertNone(IEnumerable<string> wrong)
    {
        var lines = wrong.ToList();
        Assert.True(lines.Count == 0, string.Join('\n', lines));
    }

    private static Predicate Translate(Scenario row) =>
        Scenarios.Parse(row.Expression).ToPredicate(new SqliteDialect(), row.Context);

    private static string Id(StoredRecord record) => record.Key.Id.Value;
}
