using Backend.Rules;
using Backend.Rules.Sql;

namespace Functions.Tests.Rules;

public sealed class RuleTests
{
    private static readonly RuleContext Alice = Scenarios.Callers["alice"];
    private static readonly RuleContext Bob = Scenarios.Callers["bob"];

    [Fact]
    public void An_update_rule_holds_before_and_after_so_that_nobody_assigns_themselves_in()
    {
        var rule = Read("record.team == user.id", RecordOperation.Update);
        var mine = Scenarios.Record("a", """{"team":"alice"}""");
        var theirs = Scenarios.Record("a", """{"team":"bob"}""");

        Assert.True(rule.Allows(Alice, mine, previous: mine));
        Assert.False(rule.Allows(Alice, mine, previous: theirs)); // taking it
        Assert.False(rule.Allows(Alice, theirs, previous: mine)); // giving it away
    }

    [Fact]
    public void An_update_rule_that_names_previous_is_asked_once_with_both()
    {
        var rule = Read("previous.team == user.id && record.status != 'locked' && previous.status != 'locked'", RecordOperation.Update);
        var mine = Scenarios.Record("a", """{"team":"alice"}""");
        var theirs = Scenarios.Record("a", """{"team":"bob"}""");
        var locked = Scenarios.Record("a", """{"team":"alice","status":"locked"}""");

        Assert.True(rule.Allows(Alice, theirs, previous: mine)); // giving it away is allowed here
        Assert.False(rule.Allows(Alice, mine, previous: theirs));
        Assert.False(rule.Allows(Alice, locked, previous: mine));
        Assert.False(rule.Allows(Alice, mine, previous: locked));
        Assert.Throws<ArgumentNullException>(() => rule.Allows(Alice, mine));
    }

    [Fact]
    public void An_explanation_names_the_clauses_that_decide_and_what_they_saw()
    {
        const string Text = "(record.owner == user.id || 'admin' in user.roles) && !record.done && record.priority < 5";
        var rule = Read(Text, RecordOperation.Read);
        var record = Scenarios.Record("a", """{"done":true,"priority":7}""");

        var explanation = rule.Explain(Alice, record);

        Assert.False(explanation.Allowed);
        Assert.Equal(
            ["record.owner == user.id True False", "'admin' in user.roles False False", "record.done True True", "record.priority < 5 False False"],
            explanation.Clauses.Select(clause => $"{clause.Text} {clause.Holds} {clause.Decided}"));
        Assert.All(explanation.Clauses, clause => Assert.Equal(clause.Text, Text.Substring(clause.Position, clause.Text.Length)));
        Assert.Equal(
            [new ClauseValue("record.owner", "\"alice\""), new ClauseValue("user.id", "\"alice\"")], explanation.Clauses[0].Values);
        Assert.Equal([new ClauseValue("user.roles", "[]")], explanation.Clauses[1].Values);
        Assert.Equal([new ClauseValue("record.priority", "7")], explanation.Clauses[3].Values);

        var allowed = rule.Explain(Alice, Scenarios.Record("a", """{"priority":1}"""));
        Assert.True(allowed.Allowed);
        Assert.Equal([true, false, true, true], allowed.Clauses.Select(clause => clause.Decided));
    }

    [Fact]
    public void An_explanation_of_an_update_shows_the_side_that_denied()
    {
        var rule = Read("record.team == user.id", RecordOperation.Update);
        var mine = Scenarios.Record("a", """{"team":"alice"}""");
        var theirs = Scenarios.Record("a", """{"team":"bob"}""");

        Assert.True(rule.Explain(Alice, mine, previous: theirs) is { Allowed: false, OfPrevious: true });
        Assert.True(rule.Explain(Alice, theirs, previous: mine) is { Allowed: false, OfPrevious: false });
    }

    [Fact]
    public void An_explanation_shows_every_kind_of_value()
    {
        const string Text = "done || dueAt > now || 'x' in tags || meta.color == 'x' || exists(meta) || title + body == 'x' || "
            + "score * 2 > 9 || createdAt > now + days(1) || size(tags) > 9 || lower(status) == 'x' || length(user.id) > 9 || "
            + "done == (priority == 9) || !exists(space.id) && photo == null";
        var rule = Read(RuleTexts.Qualify(Text), RecordOperation.Create);
        var record = Scenarios.Records.Single(found => found.Key.Id.Value == "full");

        var values = rule.Explain(Alice, record).Clauses.SelectMany(clause => clause.Values).DistinctBy(value => value.Name)
            .ToDictionary(value => value.Name, value => value.Json);

        Assert.Equal("false", values["record.done"]);
        Assert.Equal("\"2026-05-20T12:00:00.000Z\"", values["record.dueAt"]);
        Assert.Equal("\"2026-05-17T08:30:00.000Z\"", values["now"]);
        Assert.Equal("[\"home\",\"urgent\"]", values["record.tags"]);
        Assert.Equal("\"red\"", values["record.meta.color"]);
        Assert.StartsWith("{\"color\":\"red\"", values["record.meta"], StringComparison.Ordinal);
        Assert.Equal("\"2026-03-01T10:00:00.123Z\"", values["record.createdAt"]);
        Assert.Equal("2.5", values["record.score"]);
        Assert.Equal("null", values["space.id"]);
        Assert.Equal("\"m1\"", values["record.photo"]);
    }

    [Fact]
    public void What_does_not_depend_on_the_record_is_worked_out_before_the_query()
    {
        var rule = Read("record.owner == user.id || space.role in ['editor', 'owner']", RecordOperation.Read);

        Assert.Equal(new { Sql = "records.owner = $r0", Constant = (bool?)null }, Describe(rule, new SqliteDialect(), Bob));
        Assert.Equal(new { Sql = "1", Constant = (bool?)true }, Describe(rule, new SqliteDialect(), Scenarios.Callers["editor"]));
        Assert.Equal(new { Sql = "false", Constant = (bool?)false }, Describe(rule, new CosmosDialect(), Scenarios.Callers["nobody"]));
        Assert.Equal([new QueryParameter("@r0", "bob")], rule.ToPredicate(new CosmosDialect(), Bob).Parameters);
    }

    [Fact]
    public void Values_never_become_part_of_the_text()
    {
        const string Evil = "x' OR 1=1 --\\\"";
        var filter = Scenarios.Parse("title == 'x\\' OR 1=1 --\\\\\\\"' && contains(body, user.id) && lower(status) in ['x\\'']");
        var caller = Alice with { UserId = Evil };

        foreach (var dialect in (SqlDialect[])[new SqliteDialect(), new CosmosDialect()])
        {
            var predicate = filter.ToPredicate(dialect, caller);
            Assert.DoesNotContain("OR 1=1", predicate.Sql, StringComparison.Ordinal);
            Assert.Contains(predicate.Parameters, parameter => Equals(parameter.Value, Evil));
        }
    }

    [Fact]
    public void A_rule_and_a_filter_share_a_query_under_names_of_their_own()
    {
        var rule = Read("record.owner == user.id", RecordOperation.Read).ToPredicate(new SqliteDialect("r"), Alice);
        var filter = Scenarios.Parse("done == false || priority >= 2").ToPredicate(new SqliteDialect("r"), Alice);

        Assert.Equal("r.owner = $r0", rule.Sql);
        Assert.Equal(
            "(json_extract(r.fields, '$.\"done\"') = 0 AND json_type(r.fields, '$.\"done\"') IS 'false' OR json_extract(r.fields, '$.\"priority\"') >= $f0 "
            + "AND ifnull(json_type(r.fields, '$.\"priority\"'), '') IN ('integer', 'real'))",
            filter.Sql);
        Assert.Equal(["$f0"], filter.Parameters.Select(parameter => parameter.Name));
    }

    [Theory]
    [InlineData("title > 'x'", "c.fields[\"title\"] > @f0 AND IS_STRING(c.fields[\"title\"])")]
    [InlineData("!(title > 'x')", "NOT (c.fields[\"title\"] > @f0 AND IS_STRING(c.fields[\"title\"]))")]
    [InlineData("title == body", "c.fields[\"title\"] = c.fields[\"body\"] AND IS_STRING(c.fields[\"title\"]) AND IS_STRING(c.fields[\"body\"])")]
    [InlineData("!done", "NOT (c.fields[\"done\"] = true AND IS_BOOL(c.fields[\"done\"]))")]
    [InlineData("id == 'n1'", "c.id = @f0")]
    [InlineData("createdAt > now", "c.createdAt > @f0")]
    [InlineData("startsWith(title, 'x')", "STARTSWITH(c.fields[\"title\"], @f0) AND IS_STRING(c.fields[\"title\"])")]
    [InlineData("'x' in tags", "ARRAY_CONTAINS(c.fields[\"tags\"], @f0) AND IS_ARRAY(c.fields[\"tags\"])")]
    [InlineData("meta.size.w >= 3", "c.fields[\"meta\"][\"size\"][\"w\"] >= @f0 AND IS_NUMBER(c.fields[\"meta\"][\"size\"][\"w\"])")]
    [InlineData("lower(title) == 'a b'", "RegexMatch(c.fields[\"title\"], @f0) AND IS_STRING(c.fields[\"title\"])")]
    public void Cosmos_is_asked_in_its_own_words(string text, string sql) =>
        Assert.Equal(sql, Scenarios.Parse(text).ToPredicate(new CosmosDialect(), Alice).Sql);

    [Fact]
    public void Only_read_rules_become_queries() =>
        Assert.Throws<InvalidOperationException>(() =>
            Read("record.owner == user.id", RecordOperation.Update).ToPredicate(new SqliteDialect(), Alice));

    [Fact]
    public void Filters_that_mean_the_same_have_one_spelling()
    {
        Assert.Equal("title == 'it\\'s' && !(done || priority > -1)", Scenarios.Parse(
            " ( title==\"it's\" ) &&   ! ( done || (priority>-1) ) ").ToString());
    }

    [Fact]
    public void The_rules_of_built_in_collections_let_only_the_owner_in()
    {
        var record = Scenarios.Record("a", "{}");

        foreach (var operation in Enum.GetValues<RecordOperation>())
        {
            Assert.True(CollectionRules.OwnerOnly.For(operation).Allows(Alice, record));
            Assert.False(CollectionRules.OwnerOnly.For(operation).Allows(Bob, record));
            Assert.False(CollectionRules.OwnerOnly.For(operation).Allows(Scenarios.Callers["nobody"], record));
            Assert.False(CollectionRules.DenyAll.For(operation).Allows(Alice, record));
        }
    }

    [Fact]
    public void A_check_allocates_nothing()
    {
        var rule = Read(
            "record.owner == user.id || record.status in ['open', 'closed'] && 'home' in record.tags && record.priority >= 2 && "
            + "record.dueAt > now - days(30) && startsWith(record.title, 'Buy') && record.meta.color == 'red'", RecordOperation.Read);
        var record = Scenarios.Records.Single(found => found.Key.Id.Value == "full");
        Assert.True(rule.Allows(Bob, record));

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1_000; i++)
        {
            rule.Allows(Bob, record);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    private static object Describe(Rule rule, SqlDialect dialect, in RuleContext context)
    {
        var predicate = rule.ToPredicate(dialect, context);
        return new { predicate.Sql, predicate.Constant };
    }

    private static Rule Read(string text, RecordOperation operation) => RuleTexts.Read(text, Scenarios.Schema, operation);
}
