using System.Net;
using Functions.Tests.Fixtures;

namespace Functions.Tests.Records;

public sealed class IdempotencyApiTests(BackendFixture backend)
{
    private const string Note = """{"title":"once"}""";

    [Fact]
    public async Task A_request_that_comes_again_gets_the_first_answer_and_has_no_second_effect()
    {
        using var alice = await backend.NewUserAsync();

        var first = await alice.PostAsync("/v1/data/notes", Note, Key("k"));
        await alice.PatchAsync($"/v1/data/notes/{first.Id}", """{"done":true}""");
        var second = await alice.PostAsync("/v1/data/notes", Note, Key("k"));
        await alice.DeleteAsync($"/v1/data/notes/{first.Id}");
        var third = await alice.PostAsync("/v1/data/notes", Note, Key("k"));

        Assert.Equal(HttpStatusCode.Created, first.Status);
        Assert.False(first.Headers.ContainsKey("Idempotency-Replayed"));
        foreach (var again in new[] { second, third })
        {
            AssertSame(first, again);
            Assert.Equal("true", again.Headers["Idempotency-Replayed"]);
        }

        Assert.Empty((await alice.PullAsync()).Records);
    }

    [Fact]
    public async Task Of_many_requests_at_once_with_one_key_one_has_an_effect_and_all_get_its_answer()
    {
        using var alice = await backend.NewUserAsync();

        var answers = await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => alice.PostAsync("/v1/data/notes", Note, Key("k"))));

        Assert.All(answers, answer => AssertSame(answers[0], answer));
        Assert.Single(answers, answer => !answer.Headers.ContainsKey("Idempotency-Replayed"));
        Assert.Single((await alice.PullAsync()).Records);
    }

    [Fact]
    public async Task A_key_stands_for_one_body_and_one_path()
    {
        using var alice = await backend.NewUserAsync();
        await alice.PostAsync("/v1/data/notes", Note, Key("k"));

        (await alice.PostAsync("/v1/data/notes", """{"title":"twice"}""", Key("k")))
            .AssertProblem(HttpStatusCode.UnprocessableEntity, "idempotency_key_reused");
        (await alice.PostAsync("/v1/data/profiles", Note, Key("k")))
            .AssertProblem(HttpStatusCode.UnprocessableEntity, "idempotency_key_reused");
        (await alice.PostAsync($"/v1/data/notes?scope={alice.Scope}", Note, Key("k")))
            .AssertProblem(HttpStatusCode.UnprocessableEntity, "idempotency_key_reused");
    }

    [Fact]
    public async Task Another_user_with_the_same_key_meets_nothing_of_the_first()
    {
        using var alice = await backend.NewUserAsync();
        using var bob = await backend.NewUserAsync();
        var profile = """{"displayName":"A"}""";

        var first = await alice.PostAsync("/v1/data/profiles", profile, Key("shared"));
        var second = await bob.PostAsync("/v1/data/profiles", profile, Key("shared"));

        Assert.Equal((HttpStatusCode.Created, bob.User), (second.Status, second.Json.GetProperty("owner").GetString()));
        Assert.NotEqual(first.Id, second.Id);
        Assert.False(second.Headers.ContainsKey("Idempotency-Replayed"));
    }

    [Fact]
    public async Task A_request_that_was_refused_does_not_use_up_its_key()
    {
        using var alice = await backend.NewUserAsync();
        await alice.PostAsync("/v1/data/notes", """{"id":"taken","title":"a"}""");

        var invalid = await alice.PostAsync("/v1/data/notes", "{}", Key("k"));
        var taken = await alice.PostAsync("/v1/data/notes", """{"id":"taken","title":"a"}""", Key("k"));
        var fine = await alice.PostAsync("/v1/data/notes", """{"id":"free","title":"a"}""", Key("k"));

        invalid.AssertProblem(HttpStatusCode.BadRequest, "validation_failed");
        taken.AssertProblem(HttpStatusCode.Conflict, "already_exists");
        Assert.Equal((HttpStatusCode.Created, "free"), (fine.Status, fine.Id));
    }

    [Fact]
    public async Task A_chosen_id_comes_with_a_key_as_without()
    {
        using var alice = await backend.NewUserAsync();
        await alice.PostAsync("/v1/data/notes", """{"id":"n","title":"old"}""");
        await alice.DeleteAsync("/v1/data/notes/n");

        var first = await alice.PostAsync("/v1/data/notes", """{"id":"n","title":"new"}""", Key("k"));
        var second = await alice.PostAsync("/v1/data/notes", """{"id":"n","title":"new"}""", Key("k"));

        Assert.Equal((HttpStatusCode.Created, "new"), (first.Status, first.Json.GetProperty("title").GetString()));
        AssertSame(first, second);
    }

    [Theory]
    [InlineData(256)]
    [InlineData(0)]
    public async Task A_key_that_is_none_is_refused(int length)
    {
        using var alice = await backend.NewUserAsync();

        var answer = await alice.PostAsync("/v1/data/notes", Note, Key(length == 0 ? "a\tb" : new string('k', length)));

        answer.AssertProblem(HttpStatusCode.BadRequest, "validation_failed");
        Assert.Equal(["Idempotency-Key invalid_idempotency_key"], answer.Errors);
        Assert.Empty((await alice.PullAsync()).Records);
    }

    [Fact]
    public async Task A_batch_that_comes_again_gets_the_first_answer_and_has_no_second_effect()
    {
        BackendFixture.NeedsBatch();
        using var alice = await backend.NewUserAsync();
        var note = await RecordsApiTests.CreateNoteAsync(alice);
        var operations = $$$"""
            {"op":"create","collection":"notes","fields":{"title":"new"}},
            {"op":"patch","collection":"notes","id":"{{{note.Id}}}","fields":{"likes":{"$increment":1} } }
            """;

        var answers = await Task.WhenAll(Enumerable.Range(0, 12).Select(_ => BatchApiTests.BatchAsync(alice, operations, null, Key("k"))));
        var other = await BatchApiTests.BatchAsync(alice, """{"op":"create","collection":"notes","fields":{"title":"other"}}""", null, Key("k"));

        Assert.All(answers, answer => AssertSame(answers[0], answer));
        Assert.Equal(HttpStatusCode.OK, answers[0].Status);
        Assert.Single(answers, answer => !answer.Headers.ContainsKey("Idempotency-Replayed"));
        other.AssertProblem(HttpStatusCode.UnprocessableEntity, "idempotency_key_reused");
        Assert.Equal(1, (await alice.GetAsync($"/v1/data/notes/{note.Id}")).Json.GetProperty("likes").GetInt64());
        Assert.Equal(2, (await alice.PullAsync()).Records.Count);
    }

    [Fact]
    public async Task With_a_key_a_batch_has_one_operation_less()
    {
        BackendFixture.NeedsBatch();
        using var alice = await backend.NewUserAsync();
        var operations = Enumerable.Range(0, 100)
            .Select(i => $$$"""{"op":"create","collection":"notes","id":"n{{{i}}}","fields":{"title":"a"}}""").ToList();

        var many = await BatchApiTests.BatchAsync(alice, string.Join(',', operations), null, Key("k"));
        var enough = await BatchApiTests.BatchAsync(alice, string.Join(',', operations[..99]), null, Key("k"));

        Assert.Equal(["$.operations out_of_range"], many.Errors);
        Assert.Equal(HttpStatusCode.OK, enough.Status);
    }

    private static (string, string) Key(string key) => ("Idempotency-Key", key);

    private static void AssertSame(ApiAnswer expected, ApiAnswer actual)
    {
        Assert.Equal(expected.Status, actual.Status);
        Assert.Equal(expected.Json.GetRawText(), actual.Json.GetRawText());
        Assert.Equal(expected.ETag, actual.ETag);
        Assert.Equal(expected.Headers.GetValueOrDefault("Location"), actual.Headers.GetValueOrDefault("Location"));
    }
}
