using System.Globalization;
using System.Text.Json.Nodes;
using Backend.Records;

namespace Functions.Tests.Records;

/// <content>Lists in the order of several keys.</content>
public abstract partial class RecordStoreContract
{
    [Theory]
    [InlineData("title", "e f a b c d")]
    [InlineData("-title", "d c b a f e")]
    [InlineData("rank", "f a c b e d")]
    [InlineData("-rank", "d e b c a f")]
    [InlineData("weight", "d e f c b a")]
    [InlineData("done", "d f a c b e")]
    [InlineData("-done", "e b c a f d")]
    [InlineData("dueAt", "b f c d a e")]
    [InlineData("-dueAt", "e a d c f b")]
    [InlineData("done,-dueAt", "d f a c e b")]
    [InlineData("-done,dueAt", "b e c a f d")]
    [InlineData("done,rank,-title", "f d c a b e")]
    [InlineData("-done,-rank,title", "e b a c d f")]
    [InlineData("-rank,weight,title", "d e b c a f")]
    [InlineData("owner,-rank", "d b c f e a")]
    public async Task A_query_is_sorted_by_its_keys_with_what_is_missing_first_ascending_and_last_descending(string sort, string ids)
    {
        var store = await CreateStoreAsync();
        var scope = NewScope();
        (string Id, string Owner, string Fields)[] records =
        [
            ("a", "bob", """{"title":"B","rank":1,"weight":10,"done":false,"dueAt":"2026-05-02T00:00:00.000Z"}"""),
            ("b", "alice", """{"title":"a","rank":2,"weight":9.5,"done":true}"""),
            ("c", "alice", """{"title":"ab","rank":1,"weight":-3,"done":false,"dueAt":"2026-05-01T00:00:00.000Z"}"""),
            ("d", "alice", """{"title":"é","rank":10,"dueAt":"2026-05-01T00:00:00.001Z"}"""),
            ("e", "bob", """{"rank":3,"done":true,"dueAt":"2027-01-01T00:00:00.000Z"}"""),
            ("f", "alice", """{"title":"","weight":-3.5}"""),
        ];
        foreach (var (id, owner, fields) in records)
        {
            Written(await store.CreateAsync(NewRecord(KeyOf(scope, id), fields) with { Owner = owner }, Ct));
        }

        var query = SortedBy(QueryOf(scope), sort);
        foreach (var limit in (int[])[1, 2, 4, 6])
        {
            Assert.Equal(ids.Split(' '), await PageThroughAsync(store, query with { Limit = limit }));
        }
    }

    [Fact]
    public async Task Times_are_sorted_as_times()
    {
        var store = await CreateStoreAsync();
        var scope = NewScope();
        foreach (var (id, created, updated) in new[] { ("a", 0, 30), ("b", -3, 10), ("c", 5, 20), ("d", 0, 10) })
        {
            Written(await store.CreateAsync(
                NewRecord(KeyOf(scope, id)) with { CreatedAt = Noon.AddMinutes(created), UpdatedAt = Noon.AddMinutes(updated) }, Ct));
        }

        var query = QueryOf(scope) with { Limit = 1 };
        Assert.Equal(["a", "c", "d", "b"], await PageThroughAsync(store, SortedBy(query, "-updatedAt")));
        Assert.Equal(["b", "d", "c", "a"], await PageThroughAsync(store, SortedBy(query, "updatedAt")));
        Assert.Equal(["b", "a", "d", "c"], await PageThroughAsync(store, SortedBy(query, "createdAt")));
    }

    [Fact]
    public async Task Numbers_beyond_those_that_doubles_tell_apart_page_to_their_end()
    {
        var store = await CreateStoreAsync();
        var scope = NewScope();
        string[] values = ["9007199254740993", "9007199254740992", "9223372036854775807", "-9223372036854775808", "0", "1e300", "-1e300", "0.1"];
        for (var i = 0; i < values.Length; i++)
        {
            await CreateAsync(store, scope, $"{(char)('a' + i)}", $$"""{"weight":{{values[i]}}}""");
        }

        var ids = await PageThroughAsync(store, SortedBy(QueryOf(scope) with { Limit = 1 }, "weight"));

        Assert.Equal(["g", "d", "e", "h"], ids[..4]);
        Assert.Equal(["a", "b"], ids[4..6].Order());
        Assert.Equal(["c", "f"], ids[6..]);
    }

    /// <summary>A null of a hook's or an importer's: it counts as missing, and a store may put it behind what is missing.</summary>
    [Fact]
    public async Task A_stored_null_is_listed_once_before_every_value()
    {
        var store = await CreateStoreAsync();
        var scope = NewScope();
        foreach (var (id, fields) in new[] { ("a", """{"rank":null}"""), ("b", "{}"), ("c", """{"rank":null}"""), ("d", "{}"), ("e", """{"rank":-1}""") })
        {
            await CreateAsync(store, scope, id, fields);
        }

        var ascending = await PageThroughAsync(store, SortedBy(QueryOf(scope) with { Limit = 1 }, "rank"));
        var descending = await PageThroughAsync(store, SortedBy(QueryOf(scope) with { Limit = 1 }, "-rank"));

        Assert.Equal("e", ascending[4]);
        Assert.Equal(["a", "b", "c", "d"], ascending[..4].Order());
        Assert.Equal(Enumerable.Reverse(ascending), descending);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public async Task Whatever_is_written_while_somebody_pages_each_record_that_stays_is_seen_once_in_its_place(int seed)
    {
        var store = await CreateStoreAsync();
        var random = new Random(seed);
        foreach (var sort in (string[])["title", "-rank,weight,title", "done,-dueAt", "-done,dueAt", "-updatedAt"])
        {
            var scope = NewScope();
            var records = new Dictionary<string, StoredRecord>();
            for (var i = 0; i < 25; i++)
            {
                await AddAsync(store, scope, records, random);
            }

            var staying = records.Keys.Where(_ => random.Next(3) > 0).ToHashSet();
            var seen = new List<string>();
            var query = SortedBy(QueryOf(scope) with { Limit = random.Next(1, 5) }, sort);
            RecordPage page;
            do
            {
                page = await store.QueryAsync(query, Ct);
                seen.AddRange(page.Records.Select(record => record.Key.Id.Value));
                query = query with { After = page.Last ?? query.After };
                await DisturbAsync(store, scope, records, staying, random);
            }
            while (page.HasMore);

            var context = $"seed {seed}, sort {sort}";
            Assert.True(seen.Count == seen.Distinct().Count(), $"{context}: {string.Join(' ', seen)}");
            Assert.True(staying.IsSubsetOf(seen), $"{context}: {string.Join(' ', staying.Except(seen))} of {string.Join(' ', seen)}");
            var whole = await PageThroughAsync(store, query with { After = null, Limit = 100 });
            Assert.Equal(whole.Where(staying.Contains), seen.Where(staying.Contains));
        }
    }

    private static RecordQuery SortedBy(RecordQuery query, string sort) =>
        query with { Sort = SortOf(sort), Descending = SortOf(sort)[^1].Descending };

    /// <summary>One to three writes: new records, deletions, and changes of what is no key.</summary>
    private static async Task DisturbAsync(
        IRecordStore store, Scope scope, Dictionary<string, StoredRecord> records, HashSet<string> staying, Random random)
    {
        for (var i = random.Next(1, 4); i > 0; i--)
        {
            var id = records.Keys.ElementAt(random.Next(records.Count));
            var record = records[id];
            if (random.Next(3) == 0 || record.Deleted)
            {
                await AddAsync(store, scope, records, random);
            }
            else if (staying.Contains(id))
            {
                var fields = JsonNode.Parse(record.Fields.Utf8.Span)!.AsObject(); // written as an object below
                fields["tags"] = new JsonArray(random.Next().ToString(CultureInfo.InvariantCulture));
                records[id] = Written(await store.ReplaceAsync(record with { Fields = Json(fields.ToJsonString()) }, record.ETag, Ct));
            }
            else
            {
                records[id] = Written(await store.ReplaceAsync(record with { Deleted = true }, record.ETag, Ct));
            }
        }
    }

    /// <summary>Few values, so that keys are often the same, and many that are missing.</summary>
    private static async Task AddAsync(IRecordStore store, Scope scope, Dictionary<string, StoredRecord> records, Random random)
    {
        var fields = new JsonObject();
        Maybe("title", () => random.GetItems(["", "a", "b", "é", "a b", "'"], 1)[0]);
        Maybe("rank", () => random.Next(3));
        Maybe("weight", () => random.Next(3) / 2.0);
        Maybe("done", () => random.Next(2) == 0);
        Maybe("dueAt", () => $"2026-05-0{random.Next(1, 4)}T00:00:00.000Z");
        var id = $"{records.Count:000}{random.Next(100, 1000)}";
        var key = KeyOf(scope, string.Concat(id.Reverse())); // in between those that are there
        records[key.Id.Value] = Written(await store.CreateAsync(
            NewRecord(key, fields.ToJsonString()) with { UpdatedAt = Noon.AddMinutes(random.Next(5)) }, Ct));

        void Maybe(string name, Func<JsonNode> value)
        {
            if (random.Next(4) > 0)
            {
                fields[name] = value();
            }
        }
    }
}
