using System.Collections.Frozen;
using Backend.Model;
using Backend.Records;
using Backend.Rules;

namespace Functions.Tests.Records;

public abstract partial class RecordStoreContract
{
    private static readonly RuleSchema Notes = new("notes", new FieldModel[]
    {
        new() { Name = "title", Type = FieldType.String },
        new() { Name = "rank", Type = FieldType.Integer },
        new() { Name = "tags", Type = FieldType.Set },
    }.ToFrozenDictionary(field => field.Name));

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
        Assert.Empty((await store.QueryAsync(QueryOf(NewScope()), Ct)).Records);
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
    }

    [Fact]
    public async Task A_query_returns_the_records_whole()
    {
        var store = await CreateStoreAsync();
        var scope = NewScope();
        var written = Written(await store.CreateAsync(NewRecord(KeyOf(scope, "a"), """{"title":"ü","rank":3,"tags":["x"]}"""), Ct));

        AssertSame(written, Assert.Single((await store.QueryAsync(QueryOf(scope), Ct)).Records));
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
        Assert.True(Filter.TryParse(filter, Notes, out var parsed, out var errors), string.Join(' ', errors));

        Assert.Equal(
            ids.Split(' ', StringSplitOptions.RemoveEmptyEntries),
            await PageThroughAsync(store, QueryOf(scope) with { Filter = parsed, Limit = 1 }));
    }

    [Fact]
    public async Task A_query_yields_only_what_the_read_rule_lets_through()
    {
        var store = await CreateStoreAsync();
        var scope = NewScope();
        Written(await store.CreateAsync(NewRecord(KeyOf(scope, "mine")) with { Owner = "alice" }, Ct));
        Written(await store.CreateAsync(NewRecord(KeyOf(scope, "theirs")) with { Owner = "bob" }, Ct));

        Assert.Equal(["mine"], await PageThroughAsync(store, QueryOf(scope) with { Read = Rule.OwnerOnly }));
        Assert.Empty(await PageThroughAsync(store, QueryOf(scope) with { Read = Rule.Never }));
    }

    private static RecordKey KeyOf(Scope scope, string id) =>
        RecordId.TryParse(id, out var parsed) ? new RecordKey(scope, "notes", parsed) : throw new ArgumentException(id);

    private static async Task CreateAsync(IRecordStore store, Scope scope, string id, string fields = "{}") =>
        Written(await store.CreateAsync(NewRecord(KeyOf(scope, id), fields), Ct));

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
            ids.AddRange(page.Records.Select(record => record.Key.Id.Value));
            query = query with { After = page.Records is [.., var last] ? last.Key.Id : query.After };
        }
        while (page.HasMore);

        return ids;
    }
}
