using System.Collections.Frozen;
using System.Text.RegularExpressions;
using Backend.Media;
using Backend.Model;
using Backend.Records;
using Backend.Rules;
using Functions.Tests.Fixtures;
using Local.Sqlite;

namespace Functions.Tests.Records;

/// <summary>
/// How SQLite answers lists: by an index that the model declares, in its order, from the place where the page starts.
/// The planner is told the figures of a large database, so the plans of an empty one are those of a full one.
/// </summary>
public sealed partial class SqlitePlanTests : IAsyncDisposable
{
    private static readonly FrozenDictionary<string, FieldModel> Fields = new FieldModel[]
    {
        new() { Name = "title", Type = FieldType.String, MaxLength = 100 },
        new() { Name = "status", Type = FieldType.String, Enum = ["open", "closed", "late"] },
        new() { Name = "rank", Type = FieldType.Integer },
        new() { Name = "weight", Type = FieldType.Number },
        new() { Name = "done", Type = FieldType.Boolean },
        new() { Name = "dueAt", Type = FieldType.Timestamp },
        new() { Name = "notebook", Type = FieldType.Reference, Collection = "notes" },
        new() { Name = "body", Type = FieldType.String },
    }.ToFrozenDictionary(field => field.Name);

    private readonly TempFolder _folder = new();
    private readonly SqliteDatabase _database;

    public SqlitePlanTests() => _database = new SqliteDatabase(
        _folder.File("backend.db"),
        ModelOf("title", "status", "rank", "weight", "done", "dueAt", "notebook", "done,-dueAt", "-updatedAt", "owner,createdAt"));

    [Theory]
    [InlineData("", "KEY (scope=? AND collection=?)")]
    [InlineData("-id", "KEY (scope=? AND collection=?)")]
    [InlineData("title", "INDEX title (scope=?)")]
    [InlineData("-title", "INDEX title (scope=?)")]
    [InlineData("done,-dueAt", "INDEX done,-dueAt (scope=?)")]
    [InlineData("-done,dueAt", "INDEX done,-dueAt (scope=?)")]
    [InlineData("-updatedAt", "INDEX -updatedAt (scope=?)")]
    [InlineData("owner,createdAt", "INDEX owner,createdAt (scope=?)")]
    public void A_first_page_walks_the_index_of_its_order(string sort, string plan) =>
        Assert.Equal([plan], Plans(QueryOf(sort)));

    [Theory]
    [InlineData("", new object?[0], "KEY (scope=? AND collection=? AND id>?)")]
    [InlineData("-id", new object?[0], "KEY (scope=? AND collection=? AND id<?)")]
    [InlineData("title", new object?[] { "m" }, "INDEX title (scope=? AND title=? AND id>?)|INDEX title (scope=? AND title>?)")]
    [InlineData("title", new object?[] { null }, "INDEX title (scope=? AND title=? AND id>?)|INDEX title (scope=? AND title>?)")]
    [InlineData("-title", new object?[] { "m" }, "INDEX title (scope=? AND title=? AND id<?)|INDEX title (scope=? AND title<?)|INDEX title (scope=? AND title=?)")]
    [InlineData("-title", new object?[] { null }, "INDEX title (scope=? AND title=? AND id<?)")]
    [InlineData("-rank", new object?[] { 5L }, "INDEX rank (scope=? AND rank=? AND id<?)|INDEX rank (scope=? AND rank<?)|INDEX rank (scope=? AND rank=?)")]
    [InlineData("-updatedAt", new object?[] { 5L }, "INDEX -updatedAt (scope=? AND updated_at=? AND id<?)|INDEX -updatedAt (scope=? AND updated_at<?)")]
    [InlineData(
        "done,-dueAt", new object?[] { 0L, "2026" },
        "INDEX done,-dueAt (scope=? AND done=? AND dueAt=? AND id<?)|INDEX done,-dueAt (scope=? AND done=? AND dueAt<?)"
        + "|INDEX done,-dueAt (scope=? AND done=? AND dueAt=?)|INDEX done,-dueAt (scope=? AND done>?)")]
    [InlineData(
        "-done,dueAt", new object?[] { 0L, null },
        "INDEX done,-dueAt (scope=? AND done=? AND dueAt=? AND id>?)|INDEX done,-dueAt (scope=? AND done=? AND dueAt>?)"
        + "|INDEX done,-dueAt (scope=? AND done<?)|INDEX done,-dueAt (scope=? AND done=?)")]
    public void A_later_page_seeks_its_start(string sort, object?[] keys, string plans)
    {
        var id = RecordId.TryParse("m", out var parsed) ? parsed : default;

        var actual = Plans(QueryOf(sort) with { After = new RecordPosition(keys, id) });

        Assert.Equal(plans.Split('|'), actual);
    }

    [Theory]
    [InlineData("title == 'x'", "", "INDEX title (scope=? AND title=?)")]
    [InlineData("status == 'late'", "", "INDEX status (scope=? AND status=?)")]
    [InlineData("rank == 3", "", "INDEX rank (scope=? AND rank=?)")]
    [InlineData("weight == 2.5", "", "INDEX weight (scope=? AND weight=?)")]
    [InlineData("done", "", "INDEX done (scope=? AND done=?)")]
    [InlineData("done == false", "-id", "INDEX done (scope=? AND done=?)")]
    [InlineData("dueAt == '2026-01-01T00:00:00Z'", "", "INDEX dueAt (scope=? AND dueAt=?)")]
    [InlineData("notebook == 'n1'", "", "INDEX notebook (scope=? AND notebook=?)")]
    [InlineData("body == 'x' && notebook == 'n1'", "", "INDEX notebook (scope=? AND notebook=?)")]
    [InlineData("rank > 3", "rank", "INDEX rank (scope=? AND rank>?)")]
    [InlineData("rank >= 3 && rank < 5", "-rank", "INDEX rank (scope=? AND rank>? AND rank<?)")]
    [InlineData("weight <= 2.5", "weight", "INDEX weight (scope=? AND weight<?)")]
    [InlineData("dueAt < now", "-dueAt", "INDEX dueAt (scope=? AND dueAt<?)")]
    [InlineData("title >= 'a' && title < 'b'", "title", "INDEX title (scope=? AND title>? AND title<?)")]
    [InlineData("title in ['a', 'b']", "title", "INDEX title (scope=? AND title=?)")]
    [InlineData("rank in [1, 2, 3]", "-rank", "INDEX rank (scope=? AND rank=?)")]
    [InlineData("done == false && dueAt < now", "done,-dueAt", "INDEX done,-dueAt (scope=? AND done=? AND dueAt<?)")]
    [InlineData("done && dueAt > now", "-done,dueAt", "INDEX done,-dueAt (scope=? AND done=? AND dueAt>?)")]
    [InlineData("updatedAt > '2026-01-01T00:00:00Z'", "-updatedAt", "INDEX -updatedAt (scope=? AND updated_at>?)")]
    [InlineData("owner == 'alice'", "owner,createdAt", "INDEX owner,createdAt (scope=? AND owner=?)")]
    [InlineData("body == 'x'", "-updatedAt", "INDEX -updatedAt (scope=?)")]
    [InlineData("done", "-updatedAt", "INDEX -updatedAt (scope=?)")]
    public void A_filter_by_an_indexed_field_is_a_seek_and_nothing_is_sorted(string filter, string sort, string plan) =>
        Assert.Equal([plan], Plans(QueryOf(sort, filter)));

    /// <summary>A list in an index has no order of its own: what is found is sorted, which is no scan.</summary>
    [Theory]
    [InlineData("title in ['a', 'b']", "INDEX title (scope=? AND title=?)")]
    [InlineData("rank in [1, 2, 3]", "INDEX rank (scope=? AND rank=?)")]
    [InlineData("dueAt > '2026-01-01T00:00:00Z' && dueAt < '2026-01-02T00:00:00Z'", "INDEX dueAt (scope=? AND dueAt>? AND dueAt<?)")]
    public void What_a_list_or_a_range_finds_is_sorted_by_id(string filter, string plan) =>
        Assert.Equal([$"{plan}; USE TEMP B-TREE FOR ORDER BY"], Plans(QueryOf("", filter)));

    [Fact]
    public void A_count_and_lists_of_tombstones_have_their_indexes()
    {
        Assert.Equal("INDEX title (scope=? AND title=?)", PlanOf(SqliteRecordQuery.Create(QueryOf("", "title == 'x'"), 0)?.CountSql ?? ""));
        Assert.Equal(["INDEX tombstones (scope=? AND collection=?)"], Plans(QueryOf("") with { Deleted = true }));
        Assert.Equal(["INDEX tombstones (scope=? AND collection=?)"], Plans(QueryOf("-updatedAt") with { Deleted = true }));
        Assert.Equal("INDEX tombstones (scope=? AND collection=?)", PlanOf(SqliteRecordQuery.Create(QueryOf("") with { Deleted = true }, 0)?.CountSql ?? ""));
    }

    [Fact]
    public void A_point_read_and_a_pull_have_their_plans()
    {
        Assert.Equal("KEY (scope=? AND collection=? AND id=?)", PlanOf("SELECT * FROM records WHERE scope = $scope AND collection = $c AND id = $id"));
        Assert.Equal("INDEX records_by_sequence (scope=? AND sequence>?)", PlanOf("SELECT * FROM records WHERE scope = $scope AND sequence > $s ORDER BY sequence LIMIT 10"));
    }

    [Fact]
    public async Task The_next_start_adds_what_the_model_declares_and_drops_what_it_no_longer_does()
    {
        Assert.Equal(12, IndexNames(_database).Count);
        var before = IndexNames(_database);

        await using var changed = new SqliteDatabase(_folder.File("backend.db"), ModelOf("title", "rank,done"));
        var after = IndexNames(changed);

        Assert.Equal(4, after.Count);
        Assert.Equal(3, after.Intersect(before).Count()); // title's, and those of tombstones
        await using var same = new SqliteDatabase(_folder.File("backend.db"), ModelOf("rank,done", "title"));
        Assert.Equal(after, IndexNames(same));
    }

    public async ValueTask DisposeAsync()
    {
        await _database.DisposeAsync();
        _folder.Dispose();
    }

    private static AppModel ModelOf(params string[] indexes) => new(
        new[]
        {
            new CollectionModel
            {
                Name = "notes",
                Scopes = new[] { ScopeKind.User }.ToFrozenSet(),
                Rules = CollectionRules.OwnerOnly,
                Fields = Fields,
                Indexes = [.. indexes.Select(keys => new IndexModel(SortOf(keys)))],
            },
        }.ToFrozenDictionary(collection => collection.Name),
        FrozenDictionary<string, RenditionSpec>.Empty);

    private static IndexKey[] SortOf(string keys) => [.. keys.Split(',').Select(IndexKey.Parse)];

    private static RecordQuery QueryOf(string sort, string? filter = null)
    {
        var schema = new RuleSchema("notes", Fields);
        Assert.True(Rule.TryParse("true", schema, RecordOperation.Read, out var everything, out _));
        Filter? parsed = null;
        Assert.True(filter is null || Filter.TryParse(filter, schema, out parsed, out _), filter);
        return new RecordQuery
        {
            Scope = Scope.ForUser("alice"),
            Collection = "notes",
            Read = everything,
            Filter = parsed,
            Context = new RuleContext { UserId = "alice", Now = DateTimeOffset.UnixEpoch },
            Sort = sort is "" or "-id" ? [] : SortOf(sort),
            Descending = sort.Split(',')[^1].StartsWith('-'),
            Limit = 50,
        };
    }

    private static List<string> IndexNames(SqliteDatabase database) => database.Read(static session => session.Query(
        "SELECT name FROM sqlite_schema WHERE type = 'index' AND name GLOB 'model_*' ORDER BY name", static row => row.GetString(0)));

    private List<string> Plans(RecordQuery query) =>
        [.. (SqliteRecordQuery.Create(query, 0)?.PageSql("fields") ?? []).Select(PlanOf)];

    /// <summary>SQLite's own words, with the index named by its keys and each expression by its field.</summary>
    private string PlanOf(string sql)
    {
        // SQLite decides by the text alone; the values are of no account.
        var parameters = Parameter().Matches(sql).Select(name => (name.Value, (object?)null)).Distinct().ToArray();
        var steps = _database.Read(session => session.Query($"EXPLAIN QUERY PLAN {sql}", static row => row.GetString(3), parameters));
        var plan = string.Join("; ", steps).Replace("SEARCH records USING ", "", StringComparison.Ordinal);
        var definitions = _database.Read(static session => session.Query(
            "SELECT name, sql FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL",
            static row => (Name: row.GetString(0), Sql: row.GetString(1))));
        foreach (var (name, definition) in definitions.Where(index => plan.Contains($"INDEX {index.Name} ", StringComparison.Ordinal)))
        {
            var keys = KeysOf(definition);
            plan = plan.Replace($"INDEX {name}", name.StartsWith("model_tombstones", StringComparison.Ordinal) ? "INDEX tombstones"
                : name.StartsWith("model_", StringComparison.Ordinal) ? $"INDEX {string.Join(',', keys)}" : $"INDEX {name}", StringComparison.Ordinal);
            plan = NameExpressions(plan, [.. keys.Select(key => key.TrimStart('-'))]);
        }

        return plan.Replace("INDEX sqlite_autoindex_records_1", "KEY", StringComparison.Ordinal);
    }

    [GeneratedRegex(@"[$][a-z]\w*")]
    private static partial Regex Parameter();

    private static List<string> KeysOf(string definition) =>
    [
        .. definition[(definition.IndexOf('(', StringComparison.Ordinal) + 1)..definition.LastIndexOf(") WHERE", StringComparison.Ordinal).ToEnd(definition)]
            .Replace("json_extract(fields, '$.\"", "", StringComparison.Ordinal).Replace("\"')", "", StringComparison.Ordinal)
            .Split(", ").Skip(1).SkipLast(1)
            .Select(key => key.Replace("_at", "At", StringComparison.Ordinal))
            .Select(key => key.EndsWith(" DESC", StringComparison.Ordinal) ? $"-{key[..^5]}" : key),
    ];

    /// <summary>SQLite writes each expression of an index as &lt;expr&gt;, in the order of the index; a range has two of one.</summary>
    private static string NameExpressions(string plan, string[] keys)
    {
        const string Mark = "<expr>";
        var i = 0;
        while (plan.IndexOf(Mark, StringComparison.Ordinal) is >= 0 and var at)
        {
            var before = plan[..at];
            var isSecondBound = i > 0 && before.EndsWith($"{keys[i - 1]}>? AND ", StringComparison.Ordinal);
            var key = isSecondBound ? keys[i - 1] : keys[i++];
            plan = $"{before}{key}{plan[(at + Mark.Length)..]}";
        }

        return plan;
    }
}

file static class Positions
{
    /// <summary>The position, or the text's end where there is none.</summary>
    public static int ToEnd(this int position, string text) => position < 0 ? text.Length : position;
}
