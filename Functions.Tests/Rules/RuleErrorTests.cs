using System.Collections.Frozen;
using Backend.Model;
using Backend.Rules;

namespace Functions.Tests.Rules;

/// <summary>What is wrong is refused before it runs, with the place.</summary>
public sealed class RuleErrorTests
{
    private static readonly RuleSchema WithStatus = new("items", new Dictionary<string, FieldModel>(Scenarios.Schema.Fields)
    {
        ["status"] = new() { Name = "status", Type = FieldType.String, Enum = ["open", "closed"] },
        ["user"] = new() { Name = "user", Type = FieldType.String },
        ["previous"] = new() { Name = "previous", Type = FieldType.String },
    }.ToFrozenDictionary());

    [Theory]
    // Syntax.
    [InlineData("", 0, "ends where a value is expected")]
    [InlineData("   ", 3, "ends where a value is expected")]
    [InlineData("done &&", 7, "ends where a value is expected")]
    [InlineData("title = 'x'", 6, "==")]
    [InlineData("done & done", 5, "&&")]
    [InlineData("done | done", 5, "||")]
    [InlineData("done and done", 5, "&&")]
    [InlineData("done or done", 5, "||")]
    [InlineData("'a' not in tags", 4, "!(")]
    [InlineData("(done", 5, ")")]
    [InlineData("done)", 4, "expected an operator")]
    [InlineData("title == 'x", 9, "closing")]
    [InlineData(@"title == 'a\q'", 12, "backslash")]
    [InlineData(@"title == '\ud800'", 9, "surrogate")]
    [InlineData(@"title == '\u12'", 11, "backslash")]
    [InlineData("priority == 9007199254740992", 12, "2^53")]
    [InlineData("priority == 1e999", 12, "too large")]
    [InlineData("priority == 5days", 12, "name follows")]
    [InlineData("1 < priority < 3", 13, "chain")]
    [InlineData("title ==", 8, "ends")]
    [InlineData("title == #", 9, "means nothing")]
    [InlineData("record.", 7, "after the dot")]
    [InlineData("status in ['open' 'closed']", 18, "comma")]
    [InlineData("in tags", 0, "before in")]
    // Names.
    [InlineData("titel == 'x'", 0, "no field 'titel'; it has body, done")]
    [InlineData("record.titel == 'x'", 0, "no field 'titel'")]
    [InlineData("record == 'x'", 0, "expected a field after record")]
    [InlineData("title.length > 3", 0, "no json field")]
    [InlineData("owner.name == 'x'", 0, "no parts")]
    [InlineData("user.email == 'x'", 0, "user.id or user.roles")]
    [InlineData("space.name == 'x'", 0, "space.id or space.role")]
    [InlineData("now.year > 1", 0, "no parts")]
    [InlineData("etag == 'x'", 0, "cannot be asked")]
    [InlineData("deleted", 0, "cannot be asked")]
    [InlineData("meta.a.b.c.d.e.f.g.h == 1", 0, "at most 8")]
    [InlineData("matches(title, 'x')", 0, "no function 'matches'")]
    // Types.
    [InlineData("title", 0, "expected a condition, this is a text")]
    [InlineData("priority && done", 0, "expected a condition, this is a number")]
    [InlineData("!title", 1, "expected a condition")]
    [InlineData("title == 5", 9, "expected a text, this is a number")]
    [InlineData("priority == '5'", 12, "expected a number, this is a text")]
    [InlineData("done == 1", 8, "expected a boolean")]
    [InlineData("done < true", 0, "does not compare a boolean")]
    [InlineData("tags == tags", 0, "use in or size")]
    [InlineData("title == priority", 9, "expected a text")]
    [InlineData("meta.a == meta.b", 0, "type of neither side")]
    [InlineData("dueAt > 'tomorrow'", 8, "RFC 3339")]
    [InlineData("dueAt > '2026-05-17'", 8, "RFC 3339")]
    [InlineData("dueAt > '2026-05-17T08:30:00'", 8, "RFC 3339")]
    [InlineData("dueAt + days(1) < now", 0, "move the other side")]
    [InlineData("now + 1 > dueAt", 0, "expected a number, this is a timestamp")]
    [InlineData("dueAt == days(1)", 9, "expected a timestamp")]
    [InlineData("now < now + days(priority)", 12, "one number")]
    [InlineData("now < now + days(1000000)", 12, "thousand years")]
    [InlineData("title == null + 'x'", 9, "null can only be compared")]
    [InlineData("null < title", 0, "null can only be compared")]
    [InlineData("null == null", 0, "null can only be compared")]
    [InlineData("title + 'x' == null", 0, "null can only be compared")]
    [InlineData("exists('x')", 0, "exists takes one name")]
    [InlineData("exists(title, body)", 0, "exists takes one name")]
    [InlineData("status in []", 10, "empty list")]
    [InlineData("status in [1]", 11, "expected a text")]
    [InlineData("status in [null]", 11, "texts in quotes or numbers")]
    [InlineData("status in [user.id]", 11, "texts in quotes or numbers")]
    [InlineData("priority in ['1']", 13, "expected a number")]
    [InlineData("done in [1]", 0, "expected a text")]
    [InlineData("status in title", 10, "expected a set")]
    [InlineData("5 in tags", 0, "expected a text")]
    [InlineData("status == ['open']", 10, "after in")]
    [InlineData("contains(title)", 0, "takes a text and the part")]
    [InlineData("startsWith(priority, '1')", 11, "expected a text")]
    [InlineData("size(title) > 1", 5, "expected a set")]
    [InlineData("lower(title, body) == 'x'", 0, "takes one value")]
    [InlineData("-title == 'x'", 1, "expected a number")]
    [InlineData("title - 'x' == 'y'", 0, "expected a number")]
    [InlineData("true + 1 == 2", 0, "expected a number, this is a boolean")]
    // What some database cannot do.
    [InlineData("length(title) > 3", 0, "count the characters")]
    [InlineData("lower(title) < 'm'", 0, "lower or upper")]
    [InlineData("lower(title) == body", 0, "lower or upper")]
    [InlineData("lower(title) == lower(body)", 0, "lower or upper")]
    [InlineData("lower(title) in tags", 0, "lower or upper")]
    [InlineData("contains(title, lower(body))", 0, "lower or upper")]
    [InlineData("lower(title + body) == 'x'", 0, "lower or upper")]
    [InlineData("lower(title) + 'x' == 'y'", 0, "lower or upper")]
    public void A_wrong_filter_is_refused_at_its_place(string text, int position, string reason)
    {
        Assert.False(Filter.TryParse(text, Scenarios.Schema, out var filter, out var errors));

        Assert.Null(filter);
        Assert.Equal(position, errors[0].Position);
        Assert.InRange(errors[0].Position + errors[0].Length, 0, text.Length);
        Assert.Contains(reason, errors[0].Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_error_is_reported_at_once_in_the_order_of_the_text()
    {
        Assert.False(Filter.TryParse("done == 1 && titel == 'x' || nope(3)", Scenarios.Schema, out _, out var errors));

        Assert.Equal([8, 13, 29], errors.Select(error => error.Position));
        Assert.StartsWith("at character 9: ", errors[0].ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("title == 'x'", RecordOperation.Read, "write record.title")]
    [InlineData("previous.title == 'x'", RecordOperation.Read, "only update rules")]
    [InlineData("previous.title == 'x'", RecordOperation.Create, "only update rules")]
    [InlineData("previous.title == 'x'", RecordOperation.Delete, "only update rules")]
    [InlineData("nobody == 'x'", RecordOperation.Update, "record, user, space, previous or now")]
    [InlineData("record.status == 'opne'", RecordOperation.Read, "can only be open, closed")]
    [InlineData("'opne' == record.status", RecordOperation.Update, "can only be open, closed")]
    [InlineData("record.status in ['open', 'opne']", RecordOperation.Delete, "can only be open, closed")]
    [InlineData("length(record.title) > 3", RecordOperation.Read, "count the characters")]
    public void A_wrong_rule_is_refused(string text, RecordOperation operation, string reason)
    {
        Assert.False(Rule.TryParse(text, WithStatus, operation, out _, out var errors));

        Assert.Contains(reason, Assert.Single(errors).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("length(record.title) > 3", RecordOperation.Create)]
    [InlineData("lower(record.title) < lower(record.body)", RecordOperation.Delete)]
    [InlineData("previous.title == record.title", RecordOperation.Update)]
    [InlineData("length(user.id) < 10", RecordOperation.Read)]
    public void Rules_that_no_database_runs_may_use_the_whole_language(string text, RecordOperation operation) =>
        Assert.NotNull(RuleTexts.Read(text, WithStatus, operation));

    [Theory]
    [InlineData("status == 'a status of a newer app'")]
    [InlineData("record.user == 'x' && previous == 'y' && record.previous == 'y'")]
    public void Filters_may_ask_for_unknown_choices_and_reach_fields_with_the_names_of_others(string text) =>
        Assert.True(Filter.TryParse(text, WithStatus, out _, out _));

    [Fact]
    public void Limits_hold_before_anything_is_built()
    {
        AssertRefused(new string('(', RuleLimits.MaxLength + 1), "at most 8000", RuleLimits.MaxLength);
        AssertRefused(new string('(', 4_000) + "done" + new string(')', 3_996), "deeper than 32", RuleLimits.MaxDepth);
        AssertRefused(new string('!', 7_000) + "done", "deeper than 32", RuleLimits.MaxDepth);
        AssertRefused(new string('-', 7_000) + "1 == 1", "deeper than 32", RuleLimits.MaxDepth);
        AssertRefused(string.Join(" + ", Enumerable.Repeat("1", 40)) + " == 1", "deeper than 32", 0);
        AssertRefused(string.Join(" || ", Enumerable.Repeat("done", 257)), "more than 256", null);
        AssertRefused($"priority in [{string.Join(',', Enumerable.Repeat("1", 300))}]", "more than 256", null);

        Assert.True(Filter.TryParse(string.Join(" || ", Enumerable.Repeat("done", 255)), Scenarios.Schema, out _, out _));
        Assert.True(Filter.TryParse(
            $"id in [{string.Join(',', Enumerable.Range(0, 200).Select(_ => $"'{Guid.Empty}'"))}]", Scenarios.Schema, out _, out _));
    }

    private static void AssertRefused(string text, string reason, int? position)
    {
        Assert.False(Filter.TryParse(text, Scenarios.Schema, out _, out var errors));
        var error = Assert.Single(errors);
        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
        Assert.Equal(position ?? error.Position, error.Position);
    }
}
