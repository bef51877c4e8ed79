using System.Net;
using System.Text.Json.Nodes;
using Functions.Tests.Fixtures;
using Functions.Tests.Records;

namespace Functions.Tests.Sync;

public sealed class PullTests(BackendFixture backend)
{
    [Fact]
    public async Task A_first_pull_returns_every_record_and_the_next_only_what_changed()
    {
        using var alice = await backend.NewUserAsync();
        var first = await RecordsApiTests.CreateNoteAsync(alice);
        var second = await RecordsApiTests.CreateNoteAsync(alice);

        var (records, removed, cursor) = await alice.PullAsync();
        Assert.Equal([first.Id, second.Id], records.Select(record => record.GetProperty("id").GetString()));
        Assert.All(records, record => Assert.Equal("notes", record.GetProperty("collection").GetString()));
        Assert.Equal(first.Json.GetProperty("etag").GetString(), records[0].GetProperty("etag").GetString());
        Assert.Empty(removed);

        var (nothing, _, same) = await alice.PullAsync(cursor);
        Assert.Empty(nothing);
        await alice.PatchAsync($"/v1/data/notes/{first.Id}", """{"done":true}""");
        var (changed, _, _) = await alice.PullAsync(same);
        Assert.Equal(first.Id, Assert.Single(changed).GetProperty("id").GetString());
        Assert.True(changed[0].GetProperty("done").GetBoolean());
    }

    [Fact]
    public async Task A_deleted_record_arrives_as_removed()
    {
        using var alice = await backend.NewUserAsync();
        var note = await RecordsApiTests.CreateNoteAsync(alice);
        var (_, _, cursor) = await alice.PullAsync();
        await alice.DeleteAsync($"/v1/data/notes/{note.Id}");

        var (records, removed, _) = await alice.PullAsync(cursor);

        Assert.Empty(records);
        Assert.Equal([note.Id], removed);
    }

    [Fact]
    public async Task Paging_misses_nothing_while_others_write()
    {
        using var alice = await backend.NewUserAsync();
        var ids = new List<string>();
        for (var i = 0; i < 20; i++)
        {
            ids.Add((await RecordsApiTests.CreateNoteAsync(alice)).Id);
        }

        var writing = Task.WhenAll(Enumerable.Range(0, 20).Select(i => i % 2 == 0
            ? RecordsApiTests.CreateNoteAsync(alice)
            : alice.PatchAsync($"/v1/data/notes/{ids[i]}", """{"done":true}""")));
        var (before, _, cursor) = await alice.PullAsync(limit: 3);
        var written = await writing;
        var (after, _, _) = await alice.PullAsync(cursor, limit: 7);

        var latest = before.Concat(after).GroupBy(record => record.GetProperty("id").GetString())
            .ToDictionary(group => group.Key ?? "", group => group.Last());
        Assert.Equal(30, latest.Count);
        Assert.All(written, answer =>
            Assert.Equal(answer.Json.GetProperty("etag").GetString(), latest[answer.Id].GetProperty("etag").GetString()));
    }

    [Fact]
    public async Task A_scope_of_somebody_else_is_not_found()
    {
        using var alice = await backend.NewUserAsync();
        using var bob = await backend.NewUserAsync();

        var answer = await alice.PostAsync("/v1/sync", Pull(bob.Scope, null));

        answer.AssertProblem(HttpStatusCode.NotFound, "scope_not_found");
    }

    [Fact]
    public async Task A_public_scope_is_pulled_by_everybody()
    {
        using var alice = await backend.NewUserAsync();
        using var bob = await backend.NewUserAsync();
        var profile = await alice.PostAsync("/v1/data/profiles", """{"displayName":"Alice"}""");

        string? cursor = null;
        var found = false;
        bool hasMore;
        do
        {
            var changes = (await bob.PostAsync("/v1/sync", Pull("public/profiles", cursor))).Json.GetProperty("changes")[0];
            found |= changes.GetProperty("records").EnumerateArray().Any(record => record.GetProperty("id").GetString() == profile.Id);
            cursor = changes.GetProperty("cursor").GetString();
            hasMore = changes.GetProperty("hasMore").GetBoolean();
        }
        while (hasMore);

        Assert.True(found);
    }

    [Fact]
    public async Task A_cursor_that_was_changed_or_is_of_another_scope_is_refused()
    {
        using var alice = await backend.NewUserAsync();
        using var bob = await backend.NewUserAsync();
        await RecordsApiTests.CreateNoteAsync(alice);
        await RecordsApiTests.CreateNoteAsync(bob);
        var (_, _, cursor) = await bob.PullAsync();
        var (_, _, own) = await alice.PullAsync();

        foreach (var wrong in new[] { cursor, "nonsense", "", "a.b", own?[..^3], "AAAA" + own })
        {
            var answer = await alice.PostAsync("/v1/sync", Pull(alice.Scope, wrong));
            answer.AssertProblem(HttpStatusCode.BadRequest, "validation_failed");
            Assert.Equal(["$.pull[0].cursor invalid_cursor"], answer.Errors);
        }
    }

    [Theory]
    [InlineData("""{"pull":[{"scope":"user/x"}],"limit":0}""", "$.limit out_of_range")]
    [InlineData("""{"pull":[{"scope":"user/x"}],"limit":1001}""", "$.limit out_of_range")]
    [InlineData("""{"pull":[{"cursor":null}]}""", "$.pull[0].scope required")]
    [InlineData("""{"pull":[{"scope":5}]}""", "$.pull[0].scope wrong_type")]
    [InlineData("""{"pull":[{"scope":"a"},{"scope":"a"}]}""", "$.pull[1].scope duplicate")]
    [InlineData("""{"pulls":[]}""", "$.pulls unknown_field")]
    [InlineData("""{"pull":[null]}""", "$.pull[0] wrong_type")]
    [InlineData("""{"pull":[{"scope":null}]}""", "$.pull[0].scope wrong_type")]
    [InlineData("""{"pull":[{"scope":"user/x","collections":["notes",null]}]}""", "$.pull[0].collections[1] wrong_type")]
    [InlineData("""{"pull":[{"scope":"user/x","collections":"notes"}]}""", "$.pull[0].collections wrong_type")]
    [InlineData("""{"pull":[{"scope":"user/x","cursor":1}]}""", "$.pull[0].cursor wrong_type")]
    [InlineData("""{"pull":[{"scope":"user/x","checksum":"yes"}]}""", "$.pull[0].checksum wrong_type")]
    [InlineData("""{"pull":[{"scope":"user/x","since":1}]}""", "$.pull[0].since unknown_field")]
    [InlineData("""{"pull":{"scope":"user/x"}}""", "$.pull wrong_type")]
    [InlineData("""{"client":"c","push":{}}""", "$.push wrong_type")]
    [InlineData("""{"client":5}""", "$.client wrong_type")]
    [InlineData("""{"schema":1.5}""", "$.schema wrong_type")]
    [InlineData("""{"limit":"10"}""", "$.limit wrong_type")]
    [InlineData("[]", "$ wrong_type")]
    [InlineData("null", "$ wrong_type")]
    [InlineData("""{"push":[{"seq":1}]}""", "$.client required")]
    [InlineData("""{"client":"c","push":[{"op":"put"}]}""", "$.push[0].seq required")]
    [InlineData("""{"client":"c","push":[{"seq":2},{"seq":2}]}""", "$.push[1].seq not_ascending")]
    [InlineData("""{"client":"c","push":[{"seq":0}]}""", "$.push[0].seq not_ascending")]
    [InlineData("""{"pull":[{"scope":"user/x","collections":[]}]}""", "$.pull[0].collections out_of_range")]
    [InlineData("""{"schema":0}""", "$.schema out_of_range")]
    [InlineData("""{"schema":99999}""", "$.schema out_of_range")]
    [InlineData("""{"client":"a b"}""", "$.client invalid_id")]
    [InlineData("""{"pull":[{"scope":"user/x"},]}""", "$.pull[0] malformed_json")]
    public async Task A_malformed_exchange_is_refused(string body, string error)
    {
        using var alice = await backend.NewUserAsync();

        var answer = await alice.PostAsync("/v1/sync", body);

        answer.AssertProblem(HttpStatusCode.BadRequest, "validation_failed");
        Assert.Equal([error], answer.Errors);
    }

    private static string Pull(string scope, string? cursor) =>
        new JsonObject { ["pull"] = new JsonArray(new JsonObject { ["scope"] = scope, ["cursor"] = cursor }) }.ToJsonString();
}
