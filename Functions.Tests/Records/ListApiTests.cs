using System.Net;
using System.Text.Json;
using System.Text.Json.Serialization;
using Functions.Tests.Fixtures;

namespace Functions.Tests.Records;

public class ListApiTests(BackendFixture backend)
{
    [Fact]
    public async Task A_list_pages_through_everything_once_in_the_order_of_ids()
    {
        using var alice = await backend.NewUserAsync();
        var ids = new List<string>();
        for (var i = 0; i < 12; i++)
        {
            ids.Add((await RecordsApiTests.CreateNoteAsync(alice)).Id);
        }

        Assert.Equal(ids, await PageAsync(alice, "limit=5"));
        Assert.Equal(Enumerable.Reverse(ids), await PageAsync(alice, "limit=5&sort=-id"));
        Assert.Equal(ids, await PageAsync(alice, "limit=12"));
        var single = await alice.GetAsync("/v1/data/notes");
        Assert.Equal(JsonValueKind.Null, single.Json.GetProperty("next").ValueKind);
        Assert.Equal((await alice.GetAsync($"/v1/data/notes/{ids[0]}")).Json.GetRawText(), single.Json.GetProperty("items")[0].GetRawText());
    }

    [Fact]
    public async Task Records_that_come_and_go_between_pages_shift_nothing()
    {
        using var alice = await backend.NewUserAsync();
        foreach (var id in new[] { "b", "d", "f", "h" })
        {
            await RecordsApiTests.CreateNoteAsync(alice, $$"""{"id":"{{id}}","title":"a"}""");
        }

        var first = await alice.GetAsync("/v1/data/notes?limit=2");
        await alice.DeleteAsync("/v1/data/notes/d"); // the record that the cursor stands behind
        await RecordsApiTests.CreateNoteAsync(alice, """{"id":"a","title":"before"}""");
        await RecordsApiTests.CreateNoteAsync(alice, """{"id":"e","title":"behind"}""");
        var second = await alice.GetAsync($"/v1/data/notes?limit=2&cursor={first.Json.GetProperty("next").GetString()}");

        Assert.Equal(["b", "d"], IdsOf(first));
        Assert.Equal(["e", "f"], IdsOf(second));
    }

    [Theory]
    [InlineData("done == true", new[] { "b" })]
    [InlineData("done != true", new[] { "a", "c" })]
    [InlineData("priority >= 2", new[] { "b", "c" })]
    [InlineData("!(priority >= 2)", new[] { "a" })]
    [InlineData("priority == null", new[] { "a" })]
    [InlineData("title == 'Heron' || 'fish' in tags", new[] { "a", "c" })]
    [InlineData("title in ['Heron', 'Kite']", new[] { "a", "b" })]
    [InlineData("dueAt < '2026-06-01T00:00:00Z'", new[] { "b" })]
    [InlineData("id != 'a' && priority + 1 > 3", new[] { "c" })]
    [InlineData("title == 'x\\' OR 1=1 --'", new string[0])]
    public async Task A_filter_selects(string filter, string[] ids)
    {
        using var alice = await backend.NewUserAsync();
        await RecordsApiTests.CreateNoteAsync(alice, """{"id":"a","title":"Heron"}""");
        await RecordsApiTests.CreateNoteAsync(alice, """{"id":"b","title":"Kite","done":true,"priority":2,"dueAt":"2026-05-01T00:00:00Z"}""");
        await RecordsApiTests.CreateNoteAsync(alice, """{"id":"c","title":"Pike","priority":3,"tags":["fish"]}""");

        Assert.Equal(ids, await PageAsync(alice, $"limit=2&filter={Uri.EscapeDataString(filter)}"));
    }

    [Fact]
    public async Task A_list_shows_only_what_the_caller_may_read()
    {
        using var alice = await backend.NewUserAsync();
        using var bob = await backend.NewUserAsync();
        var note = await RecordsApiTests.CreateNoteAsync(alice);
        var profile = await alice.PostAsync("/v1/data/profiles", """{"displayName":"Alice"}""");

        Assert.Empty(await PageAsync(bob, ""));
        (await bob.GetAsync($"/v1/data/notes?scope={alice.Scope}")).AssertProblem(HttpStatusCode.NotFound, "scope_not_found");
        Assert.Equal([note.Id], await PageAsync(alice, ""));
        var filter = Uri.EscapeDataString($"owner == '{alice.User}'");
        Assert.Equal([profile.Id], IdsOf(await bob.GetAsync($"/v1/data/profiles?filter={filter}")));
    }

    [Theory]
    [InlineData("limit=0", "limit out_of_range")]
    [InlineData("limit=201", "limit out_of_range")]
    [InlineData("limit=x", "limit out_of_range")]
    [InlineData("sort=", "sort invalid_sort")]
    [InlineData("sort=nowhere", "sort invalid_sort")]
    [InlineData("sort=title,,done", "sort invalid_sort")]
    [InlineData("sort=title,title", "sort invalid_sort")]
    [InlineData("sort=tags", "sort invalid_sort")]
    [InlineData("sort=id,title", "sort invalid_sort")]
    [InlineData("sort=--title", "sort invalid_sort")]
    [InlineData("sort=likes", "sort unindexed_sort")]
    [InlineData("sort=done", "sort unindexed_sort")]
    [InlineData("sort=done,dueAt", "sort unindexed_sort")]
    [InlineData("sort=title,-id", "sort unindexed_sort")]
    [InlineData("sort=title&deleted=true", "sort unindexed_sort")]
    [InlineData("fields=", "fields invalid_fields")]
    [InlineData("fields=title,nowhere", "fields invalid_fields")]
    [InlineData("fields=title.x", "fields invalid_fields")]
    [InlineData("fields=id.x", "fields invalid_fields")]
    [InlineData("fields=expanded", "fields invalid_fields")]
    [InlineData("expand=title", "expand invalid_expand")]
    [InlineData("expand=photo", "expand invalid_expand")]
    [InlineData("expand=notebook,notebook", "expand invalid_expand")]
    [InlineData("count=yes", "count wrong_type")]
    [InlineData("deleted=1", "deleted wrong_type")]
    [InlineData("cursor=nonsense", "cursor invalid_cursor")]
    [InlineData("page=2", "page unknown_parameter")]
    [InlineData("limit=1&limit=2", "limit duplicate")]
    [InlineData("filter=nowhere == 1", "filter invalid_filter")]
    [InlineData("filter=title ==", "filter invalid_filter")]
    [InlineData("filter=title == 5", "filter invalid_filter")]
    public async Task A_malformed_query_is_refused(string query, string error)
    {
        using var alice = await backend.NewUserAsync();

        var answer = await alice.GetAsync($"/v1/data/notes?{query}");

        answer.AssertProblem(HttpStatusCode.BadRequest, "validation_failed");
        Assert.Equal([error], answer.Errors);
    }

    [Fact]
    public async Task A_cursor_is_good_for_its_query_only()
    {
        using var alice = await backend.NewUserAsync();
        await RecordsApiTests.CreateNoteAsync(alice);
        await RecordsApiTests.CreateNoteAsync(alice);
        var cursor = (await alice.GetAsync("/v1/data/notes?limit=1&filter=done%20==%20false")).Json.GetProperty("next").GetString();

        Assert.Equal(HttpStatusCode.OK, (await alice.GetAsync($"/v1/data/notes?filter=done==false&cursor={cursor}")).Status);
        foreach (var other in new[] { "", "filter=done==true", "filter=done==false&sort=-id" })
        {
            Assert.Equal(["cursor invalid_cursor"], (await alice.GetAsync($"/v1/data/notes?{other}&cursor={cursor}")).Errors);
        }

        Assert.Equal(["cursor invalid_cursor"], (await alice.GetAsync($"/v1/data/notebooks?cursor={cursor}")).Errors);
    }

    [Fact]
    public async Task An_error_of_a_list_of_names_has_its_place_and_says_what_to_declare()
    {
        using var alice = await backend.NewUserAsync();

        Assert.Equal("at character 7: notes has no field 'x' to sort by", Message(await alice.GetAsync("/v1/data/notes?sort=title,x")));
        Assert.Equal("at character 7: notes has no field 'x'", Message(await alice.GetAsync("/v1/data/notes?fields=title,x")));
        Assert.Equal("at character 10: body is no reference", Message(await alice.GetAsync("/v1/data/notes?expand=notebook,body")));
        Assert.Contains("\"indexed\": true", Message(await alice.GetAsync("/v1/data/notes?sort=likes")), StringComparison.Ordinal);
        Assert.Contains(
            "\"indexes\": [[\"dueAt\", \"-done\"]]", Message(await alice.GetAsync("/v1/data/notes?sort=dueAt,-done")), StringComparison.Ordinal);

        static string Message(ApiAnswer answer) => answer.Json.GetProperty("errors")[0].GetProperty("message").GetString() ?? "";
    }

    [Fact]
    public async Task A_list_is_sorted_by_an_index_either_way_and_pages_by_its_cursors()
    {
        using var alice = await backend.NewUserAsync();
        await RecordsApiTests.CreateNoteAsync(alice, """{"id":"a","title":"x","done":true,"dueAt":"2026-05-02T00:00:00Z"}""");
        await RecordsApiTests.CreateNoteAsync(alice, """{"id":"b","title":"y","done":false}""");
        await RecordsApiTests.CreateNoteAsync(alice, """{"id":"c","title":"x","done":false,"dueAt":"2026-05-01T00:00:00Z"}""");
        await RecordsApiTests.CreateNoteAsync(alice, """{"id":"d","title":"É 🐦","done":true,"dueAt":"2026-05-01T00:00:00Z"}""");

        Assert.Equal(["c", "b", "a", "d"], await PageAsync(alice, "limit=1&sort=done,-dueAt"));
        Assert.Equal(["d", "a", "b", "c"], await PageAsync(alice, "limit=1&sort=-done,dueAt"));
        Assert.Equal(["a", "c", "b", "d"], await PageAsync(alice, "limit=1&sort=title"));
        Assert.Equal(["d", "b", "c", "a"], await PageAsync(alice, "limit=1&sort=-title,-id"));
        Assert.Equal(["d", "c", "b", "a"], await PageAsync(alice, "limit=3&sort=-updatedAt"));
        Assert.Equal(["c"], await PageAsync(alice, "limit=1&sort=done,-dueAt&filter=done==false%26%26dueAt!=null"));
        Assert.Equal(["d", "a"], await PageAsync(alice, "limit=1&sort=-done,dueAt&filter=done"));
    }

    [Fact]
    public async Task A_cursor_is_good_for_its_sort_and_its_kind_only_and_cannot_be_changed()
    {
        using var alice = await backend.NewUserAsync();
        await RecordsApiTests.CreateNoteAsync(alice);
        await RecordsApiTests.CreateNoteAsync(alice);
        var cursor = (await alice.GetAsync("/v1/data/notes?limit=1&sort=title")).Json.GetProperty("next").GetString() ?? "";

        Assert.Equal(HttpStatusCode.OK, (await alice.GetAsync($"/v1/data/notes?sort=title&fields=title&limit=3&count=true&cursor={cursor}")).Status);
        string[] others =
        [
            $"cursor={cursor}", $"sort=-title&cursor={cursor}", $"sort=-updatedAt&cursor={cursor}", $"sort=title&filter=done&cursor={cursor}",
            $"deleted=true&cursor={cursor}", $"sort=title&cursor=A{cursor}", $"sort=title&cursor={cursor}A", $"sort=title&cursor={cursor[..^1]}",
            "sort=title&cursor=", "sort=title&cursor=.", "sort=title&cursor=%00.%00", $"sort=title&cursor={new string('A', 5_000)}",
            "sort=title&cursor='%20OR%201=1--.x",
        ];
        foreach (var other in others)
        {
            Assert.Equal(["cursor invalid_cursor"], (await alice.GetAsync($"/v1/data/notes?{other}")).Errors);
        }
    }

    [Fact]
    public async Task Fields_name_what_is_answered_beside_the_id_and_the_version()
    {
        using var alice = await backend.NewUserAsync();
        var book = await alice.PostAsync("/v1/data/notebooks", """
            {"name":"Birds","settings":{"theme":{"dark":true,"size":2,"a \"b\"":[1]},"list":[{"theme":1}],"other":null}}
            """);
        var url = $"/v1/data/notebooks/{book.Id}";
        var reserved = $$"""{"id":"{{book.Id}}","etag":{{book.Json.GetProperty("etag").GetRawText()}}""";

        Assert.Equal(reserved + ""","name":"Birds"}""", await TextAsync("name"));
        Assert.Equal(reserved + "}", await TextAsync("id"));
        Assert.Equal(reserved + ""","settings":{"theme":{"dark":true}}}""", await TextAsync("settings.theme.dark"));
        Assert.Equal(reserved + ""","settings":{"theme":{"dark":true,"size":2,"a \"b\"":[1]},"other":null}}""", await TextAsync("settings.other,settings.theme,settings.theme.dark"));
        Assert.Equal(reserved + ""","settings":{}}""", await TextAsync("settings.nowhere,settings.list.theme"));
        Assert.Equal(reserved + ""","settings":{"theme":{"a \"b\"":[1]}}}""", await TextAsync("settings.theme.a \"b\""));
        Assert.Contains("\"owner\":", await TextAsync("owner,scope"), StringComparison.Ordinal);
        var list = await alice.GetAsync("/v1/data/notebooks?fields=name&limit=1");
        Assert.Equal(reserved + ""","name":"Birds"}""", list.Json.GetProperty("items")[0].GetRawText());
        Assert.Equal(["fields invalid_fields"], (await alice.GetAsync($"{url}?fields=x")).Errors);
        Assert.Equal(["filter unknown_parameter"], (await alice.GetAsync($"{url}?filter=x")).Errors);
        Assert.Equal(HttpStatusCode.NotModified, (await alice.GetAsync($"{url}?fields=name", ("If-None-Match", book.ETag ?? ""))).Status);

        async Task<string> TextAsync(string fields) =>
            (await alice.GetAsync($"{url}?fields={Uri.EscapeDataString(fields)}")).Json.GetRawText();
    }

    [Fact]
    public async Task Expanded_references_carry_what_the_caller_may_read_and_null_for_the_rest()
    {
        using var alice = await backend.NewUserAsync();
        using var bob = await backend.NewUserAsync();
        var book = await alice.PostAsync("/v1/data/notebooks", """{"name":"Birds"}""");
        var gone = await alice.PostAsync("/v1/data/notebooks", """{"name":"Gone"}""");
        var bobs = await bob.PostAsync("/v1/data/notebooks", """{"name":"Bob's"}""");
        await alice.DeleteAsync($"/v1/data/notebooks/{gone.Id}");
        foreach (var (id, target) in new[] { ("a", book.Id), ("b", gone.Id), ("c", bobs.Id), ("d", "nowhere"), ("e", book.Id) })
        {
            await RecordsApiTests.CreateNoteAsync(alice, $$"""{"id":"{{id}}","title":"t","notebook":"{{target}}"}""");
        }

        await RecordsApiTests.CreateNoteAsync(alice, """{"id":"f","title":"t"}""");

        var list = await alice.GetAsync("/v1/data/notes?expand=notebook&fields=title");
        var one = await alice.GetAsync("/v1/data/notes/a?expand=notebook");

        var whole = (await alice.GetAsync($"/v1/data/notebooks/{book.Id}")).Json.GetRawText();
        Assert.Equal(
            [whole, "null", "null", "null", whole, "null"],
            list.Json.GetProperty("items").EnumerateArray().Select(item => item.GetProperty("expanded").GetProperty("notebook").GetRawText()));
        Assert.Equal(whole, one.Json.GetProperty("expanded").GetProperty("notebook").GetRawText());
        Assert.False((await alice.GetAsync("/v1/data/notes/a")).Json.TryGetProperty("expanded", out _));
    }

    [Fact]
    public async Task An_answer_with_expanded_references_is_not_modified_until_they_are()
    {
        using var alice = await backend.NewUserAsync();
        var book = await alice.PostAsync("/v1/data/notebooks", """{"name":"Birds"}""");
        await RecordsApiTests.CreateNoteAsync(alice, $$"""{"id":"a","title":"t","notebook":"{{book.Id}}"}""");
        foreach (var url in new[] { "/v1/data/notes/a?expand=notebook", "/v1/data/notes?expand=notebook" })
        {
            var etag = (await alice.GetAsync(url)).ETag ?? "";
            Assert.StartsWith("W/", etag, StringComparison.Ordinal);
            Assert.Equal(HttpStatusCode.NotModified, (await alice.GetAsync(url, ("If-None-Match", etag))).Status);

            await alice.PatchAsync($"/v1/data/notebooks/{book.Id}", """{"name":"Other"}""");

            Assert.Equal(HttpStatusCode.OK, (await alice.GetAsync(url, ("If-None-Match", etag))).Status);
        }
    }

    [Fact]
    public async Task A_list_has_a_weak_ETag_that_changes_with_its_records()
    {
        using var alice = await backend.NewUserAsync();
        await RecordsApiTests.CreateNoteAsync(alice, """{"id":"a","title":"t"}""");
        var first = await alice.GetAsync("/v1/data/notes?count=true");
        var again = await alice.GetAsync("/v1/data/notes?count=true", ("If-None-Match", first.ETag ?? ""));

        Assert.Equal((HttpStatusCode.NotModified, first.ETag, 0), (again.Status, again.ETag, again.Bytes.Length));
        await alice.PatchAsync("/v1/data/notes/a", """{"title":"u"}""");
        var changed = await alice.GetAsync("/v1/data/notes?count=true", ("If-None-Match", first.ETag ?? ""));
        Assert.Equal(HttpStatusCode.OK, changed.Status);
        var head = await alice.SendAsync(HttpMethod.Head, "/v1/data/notes?count=true", null);
        Assert.Equal((HttpStatusCode.OK, changed.ETag, 0), (head.Status, head.ETag, head.Bytes.Length));
    }

    [Fact]
    public async Task A_count_is_of_all_pages_and_there_on_request_only()
    {
        using var alice = await backend.NewUserAsync();
        for (var i = 0; i < 5; i++)
        {
            await RecordsApiTests.CreateNoteAsync(alice, $$"""{"title":"n{{i}}","priority":{{i}} }""");
        }

        var page = await alice.GetAsync("/v1/data/notes?limit=2&count=true&sort=title&filter=priority>0");
        var next = page.Json.GetProperty("next").GetString();

        Assert.Equal(4, page.Json.GetProperty("count").GetInt32());
        Assert.Equal(4, (await alice.GetAsync($"/v1/data/notes?limit=2&count=true&sort=title&filter=priority>0&cursor={next}")).Json.GetProperty("count").GetInt32());
        Assert.False((await alice.GetAsync("/v1/data/notes")).Json.TryGetProperty("count", out _));
        Assert.False((await alice.GetAsync("/v1/data/notes?count=false")).Json.TryGetProperty("count", out _));
    }

    [Fact]
    public async Task Deleted_records_are_listed_on_request_by_the_same_rules()
    {
        using var alice = await backend.NewUserAsync();
        using var bob = await backend.NewUserAsync();
        foreach (var id in new[] { "c", "a", "b" })
        {
            await RecordsApiTests.CreateNoteAsync(alice, $$"""{"id":"{{id}}","title":"t-{{id}}"}""");
        }

        var profile = await alice.PostAsync("/v1/data/profiles", """{"displayName":"Alice"}""");
        await alice.DeleteAsync($"/v1/data/profiles/{profile.Id}");
        await alice.DeleteAsync("/v1/data/notes/a");
        await alice.DeleteAsync("/v1/data/notes/b"); // in the same millisecond the id decides, the same way

        Assert.Equal(["a", "b"], await PageAsync(alice, "deleted=true&limit=1"));
        Assert.Equal(["b", "a"], await PageAsync(alice, "deleted=true&limit=1&sort=-updatedAt"));
        Assert.Equal(["b"], await PageAsync(alice, "deleted=true&filter=title=='t-b'"));
        Assert.Equal(["c"], await PageAsync(alice, "deleted=false"));
        Assert.True((await alice.GetAsync("/v1/data/notes?deleted=true")).Json.GetProperty("items")[0].GetProperty("deleted").GetBoolean());
        Assert.Equal([profile.Id], IdsOf(await bob.GetAsync($"/v1/data/profiles?deleted=true&filter=id=='{profile.Id}'")));
        Assert.Empty(await PageAsync(bob, "deleted=true"));
    }

    [Fact]
    public async Task Saving_data_halves_a_page_and_loses_nothing()
    {
        using var alice = await backend.NewUserAsync();
        for (var i = 0; i < 4; i++)
        {
            await RecordsApiTests.CreateNoteAsync(alice);
        }

        var half = await alice.GetAsync("/v1/data/notes?limit=3", ("Save-Data", "on"));
        var more = await alice.GetAsync($"/v1/data/notes?limit=3&cursor={half.Json.GetProperty("next").GetString()}");

        Assert.Single(IdsOf(half));
        Assert.Equal(3, IdsOf(more).Count());
        Assert.Single(IdsOf(await alice.GetAsync("/v1/data/notes?limit=1", ("Save-Data", "on"))));
        Assert.Equal(3, IdsOf(await alice.GetAsync("/v1/data/notes?limit=3", ("Save-Data", "off"))).Count());
        Assert.Contains("Save-Data", half.Headers["Vary"], StringComparison.Ordinal);
    }

    public static TheoryData<string> Hostile => new(
        "'", "\"", "' OR '1'='1", "\" OR \"\"=\"", "title') OR 1=1 --", "x'; DROP TABLE records; --", "$.title", "title\"]", "title\"')", "*",
        "c.fields", "@scope", "$scope", "%", "_", "\0", "title\0", "title\r\nX: y", "\u202etitle", "\ud83d\ude00", "ti\u0301tle",
        "__proto__", "constructor", "../notes", "..", "title/**/", "(SELECT 1)", "title COLLATE NOCASE", "1e999", "-", "--", "{\"$gt\":1}");

    [Theory]
    [MemberData(nameof(Hostile))]
    public async Task Hostile_text_in_any_part_of_a_request_is_data_or_is_refused(string text)
    {
        using var alice = await backend.NewUserAsync();
        await RecordsApiTests.CreateNoteAsync(alice, """{"id":"a","title":"t"}""");
        var value = Uri.EscapeDataString(text);
        foreach (var name in new[] { "sort", "fields", "expand", "cursor", "filter", "limit", "count", "deleted" })
        {
            var refused = await alice.GetAsync($"/v1/data/notes?{name}={value}");
            refused.AssertProblem(HttpStatusCode.BadRequest, "validation_failed");
            Assert.All(refused.Errors, error => Assert.StartsWith($"{name} ", error, StringComparison.Ordinal));
        }

        // As a text in a filter it is nothing but a text.
        var quoted = Uri.EscapeDataString($"title == {JsonSerializer.Serialize(text, TextJson.Default.String)}");
        var filtered = await alice.GetAsync($"/v1/data/notes?filter={quoted}");
        Assert.Equal(HttpStatusCode.OK, filtered.Status);
        Assert.Empty(IdsOf(filtered));
        foreach (var path in new[] { $"/v1/data/notes/{value}", $"/v1/data/{value}", $"/v1/data/notes?scope={value}", $"/v1/data/notes/a?scope={value}" })
        {
            Assert.True((await alice.GetAsync(path)).Status is HttpStatusCode.NotFound or HttpStatusCode.BadRequest, path);
        }

        Assert.Equal(["a"], await PageAsync(alice, "sort=title"));
    }

    [Theory]
    [InlineData("sort")]
    [InlineData("fields")]
    [InlineData("expand")]
    [InlineData("filter")]
    [InlineData("cursor")]
    public async Task Enormous_text_is_refused_by_its_length(string name)
    {
        using var alice = await backend.NewUserAsync();
        var part = name == "filter" ? "(" : "notebook,";
        var text = string.Concat(Enumerable.Repeat(part, 7_000 / part.Length));

        var answer = await alice.GetAsync($"/v1/data/notes?{name}={text}");

        answer.AssertProblem(HttpStatusCode.BadRequest, "validation_failed");
    }

    private static async Task<List<string>> PageAsync(ApiClient client, string query)
    {
        var ids = new List<string>();
        string? cursor = null;
        do
        {
            var page = await client.GetAsync($"/v1/data/notes?{query}{(cursor is null ? "" : $"&cursor={cursor}")}");
            Assert.Equal(HttpStatusCode.OK, page.Status);
            ids.AddRange(IdsOf(page));
            cursor = page.Json.GetProperty("next").GetString();
        }
        while (cursor is not null);

        return ids;
    }

    private static IEnumerable<string> IdsOf(ApiAnswer page) =>
        page.Json.GetProperty("items").EnumerateArray().Select(item => item.GetProperty("id").GetString() ?? "");
}

[JsonSerializable(typeof(string))]
internal sealed partial class TextJson : JsonSerializerContext;

/// <summary>The same over records in Cosmos DB, as the embedded host keeps them there.</summary>
public sealed class CosmosListApiTests(CosmosBackendFixture backend) : ListApiTests(backend), IClassFixture<CosmosBackendFixture>;
