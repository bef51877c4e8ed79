using System.Collections.Frozen;
using Backend.Media;
using Backend.Model;
using Backend.Records;
using Backend.Rules;

namespace Functions.Tests.Records;

public abstract partial class RecordStoreContract
{
    private static readonly FrozenDictionary<string, FieldModel> NoteFields = new FieldModel[]
    {
        new() { Name = "title", Type = FieldType.String, MaxLength = 100, Indexed = true },
        new() { Name = "rank", Type = FieldType.Integer },
        new() { Name = "weight", Type = FieldType.Number },
        new() { Name = "done", Type = FieldType.Boolean },
        new() { Name = "dueAt", Type = FieldType.Timestamp },
        new() { Name = "tags", Type = FieldType.Set },
    }.ToFrozenDictionary(field => field.Name);

    private static readonly RuleSchema Notes = new("notes", NoteFields);

    /// <summary>What the contract's queries are sorted by; a store is made for it.</summary>
    internal static AppModel Model { get; } = new(
        new CollectionModel[]
        {
            new()
            {
                Name = "notes",
                Scopes = new[] { ScopeKind.User }.ToFrozenSet(),
                Rules = CollectionRules.OwnerOnly,
                Fields = NoteFields,
                Indexes =
                [
                    .. new[]
                    {
                        "title", "rank", "weight", "done", "dueAt", "-updatedAt", "createdAt", "owner,-rank",
                        "done,-dueAt", "done,rank,-title", "-rank,weight,title",
                    }.Select(keys => new IndexModel(SortOf(keys))),
                ],
            },
        }.ToFrozenDictionary(collection => collection.Name),
        FrozenDictionary<string, RenditionSpec>.Empty);

    [Fact]
    public async Task A_query_pages_in_the_order_of_ids_both_ways_and_knows_its_end()
    {
        var store = await CreateStoreAsync();
        var scope = NewScope();
        var ids = new[] { "a", "B", "b-1", "b_2", "c", "d0" };
        foreach (var id in ids)
        {
            await CreateAsync(store, scope, id);
        }

        var ascending = ids.Order(StringComparer.Ordinal).ToList();
        Assert.Equal(ascending, await PageThroughAsync(store, QueryOf(scope) with { Limit = 4 }));
        Assert.Equal(ascending, await PageThroughAsync(store, QueryOf(scope) with { Limit = 6 }));
        Assert.Equal(Enumerable.Reverse(ascending), await PageThroughAsync(store, QueryOf(scope) with { Limit = 1, Descending = true }));
        var empty = await store.QueryAsync(QueryOf(NewScope()), Ct);
        Assert.Empty(empty.Records);
        Assert.Null(empty.Last);
    }

    [Fact]
    public async Task A_query_sees_neither_tombstones_nor_other_collections_nor_other_scopes()
    {
        var store = await CreateStoreAsync();
        var (scope, other) = (NewScope(), NewScope());
        await CreateAsync(store, scope, "kept");
        await CreateAsync(store, other, "elsewhere");
        Written(await store.CreateAsync(NewRecord(KeyOf(scope, "x") with { Collection = "notesx" }), Ct));
        var gone = Written(await store.CreateAsync(NewRecord(KeyOf(scope, "gone")), Ct));
        Written(await store.ReplaceAsync(gone with { Deleted = true }, gone.ETag, Ct));

        Assert.Equal(["kept"], await PageThroughAsync(store, QueryOf(scope)));
        Assert.Equal(["kept"], await PageThroughAsync(store, QueryOf(scope) with { Sort = SortOf("title") }));
        Assert.Equal(1, await store.CountAsync(QueryOf(scope), Ct));
    }

    [Fact]
    public async Task Tombstones_are_listed_on_their_own_by_id_or_by_the_time_of_their_deletion()
    {
        var store = await CreateStoreAsync();
        var scope = NewScope();
        await CreateAsync(store, scope, "alive");
        foreach (var (id, minutes, rank) in new[] { ("a", 3, 1), ("b", 1, 2), ("c", 2, 3) })
        {
            var record = Written(await store.CreateAsync(NewRecord(KeyOf(scope, id), $$"""{"rank":{{rank}}}"""), Ct));
            Written(await store.ReplaceAsync(record with { Deleted = true, UpdatedAt = Noon.AddMinutes(minutes) }, record.ETag, Ct));
        }

        var query = QueryOf(scope) with { Deleted = true, Limit = 1 };
        Assert.Equal(["a", "b", "c"], await PageThroughAsync(store, query));
        Assert.Equal(["b", "c", "a"], await PageThroughAsync(store, query with { Sort = SortOf("updatedAt") }));
        Assert.Equal(["a", "c", "b"], await PageThroughAsync(store, query with { Sort = SortOf("-updatedAt"), Descending = true }));
        Assert.Equal(["b", "c"], await PageThroughAsync(store, query with { Filter = FilterOf("rank > 1") }));
        Assert.Equal(3, await store.CountAsync(query, Ct));
        Assert.All((await store.QueryAsync(query, Ct)).Records, record => Assert.True(record.Deleted));
    }

    [Fact]
    public async Task A_query_returns_the_records_whole()
    {
        var store = await CreateStoreAsync();
        var scope = NewScope();
        var written = Written(await store.CreateAsync(NewRecord(KeyOf(scope, "a"), """{"title":"ü","rank":3,"tags":["x"]}"""), Ct));

        AssertSame(written, Assert.Single((await store.QueryAsync(QueryOf(scope), Ct)).Records));
        AssertSame(written, Assert.Single((await store.QueryAsync(QueryOf(scope) with { Sort = SortOf("rank") }, Ct)).Records));
    }

    [Theory]
    [InlineData("rank > 1", "b c")]
    [InlineData("!(rank > 1)", "a d")]
    [InlineData("rank == null", "a d")]
    [InlineData("'x' in tags || title == 'ü'", "b d")]
    [InlineData("title == 'a\\' OR true OR \\''", "")]
    public async Task A_filter_selects_in_the_database(string filter, string ids)
    {
        var store = await CreateStoreAsync();
        var scope = NewScope();
        await CreateAsync(store, scope, "a", """{"title":"first"}""");
        await CreateAsync(store, scope, "b", """{"title":"second","rank":2,"tags":["x","y"]}""");
        await CreateAsync(store, scope, "c", """{"title":"third","rank":3,"tags":[]}""");
        await CreateAsync(store, scope, "d", """{"title":"ü","rank":null}""");
        var expected = ids.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var query = QueryOf(scope) with { Filter = FilterOf(filter), Limit = 1 };

        Assert.Equal(expected, await PageThroughAsync(store, query));
        Assert.Equal(expected, await PageThroughAsync(store, query with { Sort = SortOf("title") }));
        Assert.Equal(expected.Length, await store.CountAsync(query, Ct));
        Assert.Equal(expected.Length, await store.CountAsync(query with { Sort = SortOf("title"), Limit = 50 }, Ct));
    }

    [Fact]
    public async Task A_query_yields_only_what_the_read_rule_lets_through()
    {
        var store = await CreateStoreAsync();
        var scope = NewScope();
        Written(await store.CreateAsync(NewRecord(KeyOf(scope, "mine")) with { Owner = "alice" }, Ct));
        Written(await store.CreateAsync(NewRecord(KeyOf(scope, "theirs")) with { Owner = "bob" }, Ct));
        var (mine, nothing) = (QueryOf(scope) with { Read = Rule.OwnerOnly }, QueryOf(scope) with { Read = Rule.Never });

        Assert.Equal(["mine"], await PageThroughAsync(store, mine));
        Assert.Equal(1, await store.CountAsync(mine, Ct));
        Assert.Empty(await PageThroughAsync(store, nothing));
        Assert.Equal(0, await store.CountAsync(nothing, Ct));
    }

    [Fact]
    public async Task Many_records_are_found_by_their_ids_at_once()
    {
        var store = await CreateStoreAsync();
        var scope = NewScope();
        foreach (var id in new[] { "a", "b", "c", "d", "e" })
        {
            await CreateAsync(store, scope, id);
        }

        await CreateAsync(store, NewScope(), "f");
        var gone = Written(await store.CreateAsync(NewRecord(KeyOf(scope, "g")), Ct));
        Written(await store.ReplaceAsync(gone with { Deleted = true }, gone.ETag, Ct));

        Assert.Equal("a c", await FoundAsync("a", "c", "x"));
        Assert.Equal("a b c d g", await FoundAsync("a", "b", "c", "d", "f", "g", "x"));
        Assert.Equal("", await FoundAsync());

        async Task<string> FoundAsync(params string[] ids)
        {
            var found = await store.FindManyAsync(scope, "notes", [.. ids.Select(id => KeyOf(scope, id).Id)], Ct);
            return string.Join(' ', found.Select(record => record.Key.Id.Value).Order(StringComparer.Ordinal));
        }
    }

    private static RecordKey KeyOf(Scope scope, string id) =>
        RecordId.TryParse(id, out var parsed) ? new RecordKey(scope, "notes", parsed) : throw new ArgumentException(id);

    private static async Task CreateAsync(IRecordStore store, Scope scope, string id, string fields = "{}") =>
        Written(await store.CreateAsync(NewRecord(KeyOf(scope, id), fields), Ct));

    private static IndexKey[] SortOf(string keys) => [.. keys.Split(',').Select(IndexKey.Parse)];

    private static Filter FilterOf(string text) =>
        Filter.TryParse(text, Notes, out var filter, out var errors) ? filter : throw new ArgumentException(string.Join(' ', errors));

    private static RecordQuery QueryOf(Scope scope)
    {
        Assert.True(Rule.TryParse("true", Notes, RecordOperation.Read, out var everything, out _));
        return new RecordQuery
        {
            Scope = scope,
            Collection = "notes",
            Read = everything,
            Context = new RuleContext { UserId = "alice", Now = Noon },
            Limit = 50,
        };
    }

    private static async Task<List<string>> PageThroughAsync(IRecordStore store, RecordQuery query)
    {
        var ids = new List<string>();
        RecordPage page;
        do
        {
            page = await store.QueryAsync(query, Ct);
            Assert.True(page.Records.Count <= query.Limit);
            Assert.True(page.Records.Count == query.Limit || !page.HasMore);
            ids.AddRange(page.Records.Select(record => record.Key.Id.Value));
            query = query with { After = page.Last };
        }
        while (page.HasMore);

        return ids;
    }
}
