using System.Net;
using System.Text.Json;
using Functions.Tests.Fixtures;

namespace Functions.Tests.Records;

public sealed class ListApiTests(BackendFixture backend)
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
    [InlineData("sort=title", "sort invalid_sort")]
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
