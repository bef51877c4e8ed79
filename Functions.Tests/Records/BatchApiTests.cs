using System.Net;
using System.Text.Json.Nodes;
using Functions.Tests.Fixtures;

namespace Functions.Tests.Records;

public sealed class BatchApiTests(BackendFixture backend)
{
    [Fact]
    public async Task A_batch_does_what_its_operations_would_do_alone()
    {
        BackendFixture.NeedsBatch();
        using var alice = await backend.NewUserAsync();
        var (a, b, c) = (await NoteAsync(alice), await NoteAsync(alice), await NoteAsync(alice));

        var answer = await BatchAsync(alice, $$$"""
            {"op":"create","collection":"notebooks","id":"birds","fields":{"name":"Birds"}},
            {"op":"create","collection":"notes","fields":{"title":"new"}},
            {"op":"put","collection":"notes","id":"{{{a.Id}}}","fields":{"title":"replaced"},"ifMatch":"{{{a.ETag?.Trim('"')}}}"},
            {"op":"patch","collection":"notes","id":"{{{b.Id}}}","fields":{"likes":{"$increment":2},"tags":{"$add":["x"]} } },
            {"op":"delete","collection":"notes","id":"{{{c.Id}}}"}
            """);

        Assert.Equal(HttpStatusCode.OK, answer.Status);
        var results = answer.Json.GetProperty("results").EnumerateArray().ToList();
        Assert.Equal([201, 201, 200, 200, 204], results.Select(result => result.GetProperty("status").GetInt32()));
        Assert.False(results[4].TryGetProperty("record", out _));
        var written = results[..4].Select(result => result.GetProperty("record")).ToList();
        Assert.Equal("birds", written[0].GetProperty("id").GetString());
        Assert.False(written[1].GetProperty("done").GetBoolean()); // the model's default
        Assert.Equal(2, written[3].GetProperty("likes").GetInt64());
        foreach (var (collection, record) in ((string[])["notebooks", "notes", "notes", "notes"]).Zip(written))
        {
            var read = await alice.GetAsync($"/v1/data/{collection}/{record.GetProperty("id").GetString()}");
            Assert.Equal(record.GetRawText(), read.Json.GetRawText());
        }

        (await alice.GetAsync($"/v1/data/notes/{c.Id}")).AssertProblem(HttpStatusCode.NotFound, "record_not_found");
        var (records, removed, _) = await alice.PullAsync();
        Assert.Equal((4, c.Id), (records.Count, Assert.Single(removed)));
    }

    [Fact]
    public async Task One_operation_that_fails_undoes_all_and_every_error_is_named_at_its_place()
    {
        BackendFixture.NeedsBatch();
        using var alice = await backend.NewUserAsync();
        var note = await NoteAsync(alice);
        var (_, _, cursor) = await alice.PullAsync();

        var answer = await BatchAsync(alice, $$$"""
            {"op":"create","collection":"notes","fields":{"title":"fine"}},
            {"op":"patch","collection":"notes","id":"{{{note.Id}}}","fields":{"title":5,"nowhere":1}},
            {"op":"create","collection":"orders","fields":{"item":"pencil","quantity":1,"price":1}},
            {"op":"delete","collection":"notes","id":"gone"}
            """);

        answer.AssertProblem(HttpStatusCode.BadRequest, "validation_failed");
        Assert.Equal(
            [
                "$.operations[1].fields.title wrong_type", "$.operations[1].fields.nowhere unknown_field",
                "$.operations[2].fields.price server_only", "$.operations[3] record_not_found",
            ],
            answer.Errors);
        var (records, removed, _) = await alice.PullAsync(cursor);
        Assert.Empty(records);
        Assert.Empty(removed);
    }

    [Theory]
    [InlineData("""{"op":"patch","collection":"notes","id":"none","fields":{}}""", 404, "record_not_found")]
    [InlineData("""{"op":"create","collection":"notes","id":"taken","fields":{"title":"b"}}""", 409, "already_exists")]
    [InlineData("""{"op":"delete","collection":"notes","id":"taken","ifMatch":"0-0"}""", 412, "precondition_failed")]
    [InlineData("""{"op":"patch","collection":"orders","id":"order","fields":{"quantity":2}}""", 403, "forbidden")]
    [InlineData("""{"op":"create","collection":"nothing","fields":{}}""", 404, "collection_not_found")]
    public async Task The_first_operation_that_fails_gives_the_status(string operation, int status, string code)
    {
        BackendFixture.NeedsBatch();
        using var alice = await backend.NewUserAsync();
        await NoteAsync(alice, """{"id":"taken","title":"a"}""");
        await alice.PostAsync("/v1/data/orders", """{"id":"order","item":"pencil","quantity":1}""");

        var answer = await BatchAsync(alice, $$$"""{"op":"create","collection":"notes","id":"new","fields":{"title":"a"}},{{{operation}}}""");

        answer.AssertProblem((HttpStatusCode)status, code);
        Assert.Equal([$"$.operations[1] {code}"], answer.Errors);
        (await alice.GetAsync("/v1/data/notes/new")).AssertProblem(HttpStatusCode.NotFound, "record_not_found");
    }

    [Theory]
    [InlineData("""{}""", "$ required")]
    [InlineData("""{"operations":[]}""", "$.operations out_of_range")]
    [InlineData("""{"operations":5}""", "$.operations wrong_type")]
    [InlineData("""{"operations":[null]}""", "$.operations[0] wrong_type")]
    [InlineData("""{"operations":[{"op":"create"}]}""", "$.operations[0] required")]
    [InlineData("""{"operations":[],"more":1}""", "$.more unknown_field")]
    [InlineData("""{"operations":[{"op":"upsert","collection":"notes","id":"a","fields":{}}]}""", "$.operations[0].op not_in_enum")]
    [InlineData("""{"operations":[{"op":"put","collection":"notes","fields":{}}]}""", "$.operations[0].id required")]
    [InlineData("""{"operations":[{"op":"put","collection":"notes","id":"a b","fields":{}}]}""", "$.operations[0].id invalid_id")]
    [InlineData("""{"operations":[{"op":"put","collection":"notes","id":"a"}]}""", "$.operations[0].fields required")]
    [InlineData("""{"operations":[{"op":"put","collection":"notes","id":"a","fields":[]}]}""", "$.operations[0].fields wrong_type")]
    [InlineData("""{"operations":[{"op":"delete","collection":"notes","id":"a","fields":{}}]}""", "$.operations[0].fields unknown_field")]
    [InlineData("""{"operations":[{"op":"create","collection":"notes","fields":{},"ifMatch":"1"}]}""", "$.operations[0].ifMatch unknown_field")]
    [InlineData(
        """{"operations":[{"op":"delete","collection":"notes","id":"a"},{"op":"put","collection":"notes","id":"a","fields":{}}]}""",
        "$.operations[1].id duplicate")]
    [InlineData(
        """{"operations":[{"op":"delete","collection":"notes","id":"a"},{"op":"create","collection":"profiles","fields":{}}]}""",
        "$.operations[1].collection other_scope")]
    [InlineData("""{"operations":[{"op":"create","collection":"notes","fields":{"title":"a","id":"b"}}]}""", "$.operations[0].fields.id read_only")]
    public async Task A_malformed_batch_is_refused(string body, string error)
    {
        using var alice = await backend.NewUserAsync();

        var answer = await alice.PostAsync("/v1/data:batch", body);

        answer.AssertProblem(HttpStatusCode.BadRequest, "validation_failed");
        Assert.Equal([error], answer.Errors);
    }

    [Fact]
    public async Task A_scope_of_somebody_else_is_not_found()
    {
        using var alice = await backend.NewUserAsync();
        using var bob = await backend.NewUserAsync();

        var answer = await BatchAsync(alice, """{"op":"create","collection":"notes","fields":{"title":"a"}}""", bob.Scope);

        answer.AssertProblem(HttpStatusCode.NotFound, "scope_not_found");
        Assert.Equal(["$.operations[0] scope_not_found"], answer.Errors);
        Assert.Empty((await bob.PullAsync()).Records);
    }

    [Fact]
    public async Task A_hundred_operations_fit_into_a_batch_and_no_more()
    {
        BackendFixture.NeedsBatch();
        using var alice = await backend.NewUserAsync();
        var operations = Enumerable.Range(0, 101)
            .Select(i => $$$"""{"op":"create","collection":"notes","id":"n{{{i}}}","fields":{"title":"a"}}""").ToList();

        var many = await BatchAsync(alice, string.Join(',', operations));
        var enough = await BatchAsync(alice, string.Join(',', operations[..100]));

        Assert.Equal(["$.operations out_of_range"], many.Errors);
        Assert.Equal(HttpStatusCode.OK, enough.Status);
        Assert.Equal(100, (await alice.PullAsync()).Records.Count);
    }

    [Fact]
    public async Task A_batch_is_no_way_around_the_limit_of_a_body()
    {
        using var alice = await backend.NewUserAsync();
        var text = new string('a', 90_000);
        var operations = Enumerable.Range(0, 12)
            .Select(_ => $$$"""{"op":"create","collection":"notes","fields":{"title":"a","body":"{{{text}}}"}}""");

        (await BatchAsync(alice, string.Join(',', operations))).AssertProblem(HttpStatusCode.RequestEntityTooLarge, "payload_too_large");
    }

    [Fact]
    public async Task What_many_batches_add_to_the_same_records_all_counts()
    {
        BackendFixture.NeedsBatch();
        using var alice = await backend.NewUserAsync();
        var (a, b) = (await NoteAsync(alice), await NoteAsync(alice));

        var answers = await Task.WhenAll(Enumerable.Range(0, 12).Select(i => BatchAsync(alice, $$$"""
            {"op":"patch","collection":"notes","id":"{{{(i % 2 == 0 ? a : b).Id}}}","fields":{"likes":{"$increment":1} } },
            {"op":"patch","collection":"notes","id":"{{{(i % 2 == 0 ? b : a).Id}}}","fields":{"likes":{"$increment":1} } }
            """)));

        Assert.All(answers, answer => Assert.Equal(HttpStatusCode.OK, answer.Status));
        foreach (var note in new[] { a, b })
        {
            Assert.Equal(12, (await alice.GetAsync($"/v1/data/notes/{note.Id}")).Json.GetProperty("likes").GetInt64());
        }
    }

    [Fact]
    public async Task The_id_of_a_deleted_record_can_be_used_again_by_its_owner_alone()
    {
        BackendFixture.NeedsBatch();
        using var alice = await backend.NewUserAsync();
        using var bob = await backend.NewUserAsync();
        var profile = await alice.PostAsync("/v1/data/profiles", """{"displayName":"Alice"}""");
        await alice.DeleteAsync($"/v1/data/profiles/{profile.Id}");
        var again = $$$"""{"op":"create","collection":"profiles","id":"{{{profile.Id}}}","fields":{"displayName":"Again"}}""";

        (await BatchAsync(bob, again)).AssertProblem(HttpStatusCode.Conflict, "already_exists");
        Assert.Equal(HttpStatusCode.OK, (await BatchAsync(alice, again)).Status);
        Assert.Equal("Again", (await bob.GetAsync($"/v1/data/profiles/{profile.Id}")).Json.GetProperty("displayName").GetString());
    }

    internal static Task<ApiAnswer> BatchAsync(
        ApiClient client, string operations, string? scope = null, params (string Name, string Value)[] headers) =>
        client.PostAsync("/v1/data:batch", $$"""{"scope":{{JsonValue.Create(scope)?.ToJsonString() ?? "null"}},"operations":[{{operations}}]}""", headers);

    private static Task<ApiAnswer> NoteAsync(ApiClient client, string body = """{"title":"a"}""") =>
        RecordsApiTests.CreateNoteAsync(client, body);
}
