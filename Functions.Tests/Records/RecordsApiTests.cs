using System.Net;
using Functions.Tests.Fixtures;

namespace Functions.Tests.Records;

public sealed class RecordsApiTests(BackendFixture backend)
{
    [Fact]
    public async Task A_created_record_is_read_back_with_its_etag_and_reserved_fields()
    {
        using var alice = await backend.NewUserAsync();

        var created = await alice.PostAsync("/v1/data/notes", """{"title":"Heron","tags":["bird"],"dueAt":"2026-05-17T10:30:00+02:00"}""");
        var read = await alice.GetAsync($"/v1/data/notes/{created.Id}");

        Assert.Equal(HttpStatusCode.Created, created.Status);
        Assert.Equal($"/v1/data/notes/{created.Id}", created.Headers["Location"]);
        Assert.Equal(HttpStatusCode.OK, read.Status);
        Assert.Equal(created.Json.GetRawText(), read.Json.GetRawText());
        Assert.Equal($"\"{read.Json.GetProperty("etag").GetString()}\"", read.ETag);
        Assert.Equal(alice.User, read.Json.GetProperty("owner").GetString());
        Assert.Equal(alice.Scope, read.Json.GetProperty("scope").GetString());
        Assert.Equal("2026-05-17T08:30:00.000Z", read.Json.GetProperty("dueAt").GetString());
        Assert.False(read.Json.GetProperty("done").GetBoolean()); // the model's default
        Assert.False(read.Json.GetProperty("deleted").GetBoolean());
    }

    [Fact]
    public async Task Another_user_gets_404_for_every_operation()
    {
        using var alice = await backend.NewUserAsync();
        using var bob = await backend.NewUserAsync();
        var note = await CreateNoteAsync(alice);
        var path = $"/v1/data/notes/{note.Id}";

        (await bob.GetAsync(path)).AssertProblem(HttpStatusCode.NotFound, "record_not_found");
        (await bob.PutAsync(path, """{"title":"mine"}""")).AssertProblem(HttpStatusCode.NotFound, "record_not_found");
        (await bob.PatchAsync(path, """{"title":"mine"}""")).AssertProblem(HttpStatusCode.NotFound, "record_not_found");
        (await bob.DeleteAsync(path)).AssertProblem(HttpStatusCode.NotFound, "record_not_found");
        (await bob.GetAsync($"{path}?scope={alice.Scope}")).AssertProblem(HttpStatusCode.NotFound, "scope_not_found");
        Assert.Equal(note.ETag, (await alice.GetAsync(path)).ETag);
    }

    [Fact]
    public async Task A_public_record_is_read_by_everybody_and_changed_by_its_owner_only()
    {
        using var alice = await backend.NewUserAsync();
        using var bob = await backend.NewUserAsync();
        var profile = await alice.PostAsync("/v1/data/profiles", """{"displayName":"Alice"}""");
        var path = $"/v1/data/profiles/{profile.Id}";

        Assert.Equal("public/profiles", profile.Json.GetProperty("scope").GetString());
        Assert.Equal(HttpStatusCode.OK, (await bob.GetAsync(path)).Status);
        (await bob.PatchAsync(path, """{"displayName":"Bob"}""")).AssertProblem(HttpStatusCode.Forbidden, "forbidden");
        (await bob.DeleteAsync(path)).AssertProblem(HttpStatusCode.Forbidden, "forbidden");
        Assert.Equal(HttpStatusCode.OK, (await alice.PatchAsync(path, """{"about":"Birds"}""")).Status);

        // Nobody takes over the id of what another has deleted.
        await alice.DeleteAsync(path);
        var taken = $$"""{"id":"{{profile.Id}}","displayName":"Bob"}""";
        (await bob.PostAsync("/v1/data/profiles", taken)).AssertProblem(HttpStatusCode.Conflict, "already_exists");
        Assert.Equal(HttpStatusCode.Created, (await alice.PostAsync("/v1/data/profiles", taken)).Status);
    }

    [Fact]
    public async Task Replacing_drops_what_is_not_sent()
    {
        using var alice = await backend.NewUserAsync();
        var note = await CreateNoteAsync(alice, """{"title":"a","body":"b","priority":3}""");

        var replaced = await alice.PutAsync($"/v1/data/notes/{note.Id}", """{"title":"c"}""");

        Assert.Equal(HttpStatusCode.OK, replaced.Status);
        Assert.Equal("c", replaced.Json.GetProperty("title").GetString());
        Assert.False(replaced.Json.TryGetProperty("body", out _));
        Assert.NotEqual(note.ETag, replaced.ETag);
        Assert.Equal(note.Json.GetProperty("createdAt").GetString(), replaced.Json.GetProperty("createdAt").GetString());
    }

    [Fact]
    public async Task Patching_keeps_what_is_not_sent_and_null_removes()
    {
        using var alice = await backend.NewUserAsync();
        var note = await CreateNoteAsync(alice, """{"title":"a","body":"b","priority":3}""");

        var patched = await alice.PatchAsync($"/v1/data/notes/{note.Id}", """{"body":null,"done":true}""");

        Assert.Equal("a", patched.Json.GetProperty("title").GetString());
        Assert.Equal(3, patched.Json.GetProperty("priority").GetInt32());
        Assert.True(patched.Json.GetProperty("done").GetBoolean());
        Assert.False(patched.Json.TryGetProperty("body", out _));
    }

    [Fact]
    public async Task A_json_field_is_merge_patched_to_its_depth()
    {
        using var alice = await backend.NewUserAsync();
        var notebook = await alice.PostAsync(
            "/v1/data/notebooks", """{"name":"n","settings":{"view":{"size":1,"wide":true},"old":1}}""");

        var patched = await alice.PatchAsync(
            $"/v1/data/notebooks/{notebook.Id}", """{"settings":{"view":{"size":2},"old":null,"new":[1]}}""");

        Assert.Equal("""{"view":{"wide":true,"size":2},"new":[1]}""", patched.Json.GetProperty("settings").GetRawText());
    }

    [Fact]
    public async Task A_deleted_record_is_gone_and_its_id_can_be_used_again()
    {
        using var alice = await backend.NewUserAsync();
        var note = await CreateNoteAsync(alice);
        var path = $"/v1/data/notes/{note.Id}";

        Assert.Equal(HttpStatusCode.NoContent, (await alice.DeleteAsync(path)).Status);
        (await alice.GetAsync(path)).AssertProblem(HttpStatusCode.NotFound, "record_not_found");
        (await alice.DeleteAsync(path)).AssertProblem(HttpStatusCode.NotFound, "record_not_found");
        var again = await alice.PostAsync("/v1/data/notes", $$"""{"id":"{{note.Id}}","title":"again"}""");
        Assert.Equal(HttpStatusCode.Created, again.Status);
        Assert.NotEqual(note.ETag, again.ETag);
    }

    [Fact]
    public async Task If_match_lets_only_the_named_version_be_changed()
    {
        using var alice = await backend.NewUserAsync();
        var first = await CreateNoteAsync(alice);
        var path = $"/v1/data/notes/{first.Id}";
        var second = await alice.PatchAsync(path, """{"done":true}""", ("If-Match", first.ETag ?? ""));

        Assert.Equal(HttpStatusCode.OK, second.Status);
        var stale = ("If-Match", first.ETag ?? "");
        (await alice.PatchAsync(path, """{"done":false}""", stale)).AssertProblem(HttpStatusCode.PreconditionFailed, "precondition_failed");
        (await alice.PutAsync(path, """{"title":"x"}""", stale)).AssertProblem(HttpStatusCode.PreconditionFailed, "precondition_failed");
        (await alice.DeleteAsync(path, stale)).AssertProblem(HttpStatusCode.PreconditionFailed, "precondition_failed");
        var plain = second.Json.GetProperty("etag").GetString() ?? "";
        Assert.Equal(HttpStatusCode.NoContent, (await alice.DeleteAsync(path, ("If-Match", plain))).Status);
    }

    [Fact]
    public async Task If_none_match_answers_304_for_the_version_the_client_has()
    {
        using var alice = await backend.NewUserAsync();
        var note = await CreateNoteAsync(alice);
        var path = $"/v1/data/notes/{note.Id}";

        var same = await alice.GetAsync(path, ("If-None-Match", note.ETag ?? ""));
        await alice.PatchAsync(path, """{"done":true}""");
        var changed = await alice.GetAsync(path, ("If-None-Match", note.ETag ?? ""));

        Assert.Equal((HttpStatusCode.NotModified, 0), (same.Status, same.Bytes.Length));
        Assert.Equal(HttpStatusCode.OK, changed.Status);
    }

    [Fact]
    public async Task Put_with_if_none_match_star_creates_under_the_chosen_id_once()
    {
        using var alice = await backend.NewUserAsync();
        var path = $"/v1/data/notes/{Guid.NewGuid()}";
        var onlyNew = ("If-None-Match", "*");

        (await alice.PutAsync(path, """{"title":"a"}""")).AssertProblem(HttpStatusCode.NotFound, "record_not_found");
        Assert.Equal(HttpStatusCode.Created, (await alice.PutAsync(path, """{"title":"a"}""", onlyNew)).Status);
        (await alice.PutAsync(path, """{"title":"b"}""", onlyNew)).AssertProblem(HttpStatusCode.PreconditionFailed, "precondition_failed");
    }

    [Fact]
    public async Task Two_creations_under_one_id_make_one_record()
    {
        using var alice = await backend.NewUserAsync();
        var body = $$"""{"id":"{{Guid.NewGuid()}}","title":"once"}""";

        var answers = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => alice.PostAsync("/v1/data/notes", body)));

        Assert.Single(answers, answer => answer.Status == HttpStatusCode.Created);
        Assert.Equal(9, answers.Count(answer => answer.Status == HttpStatusCode.Conflict && answer.Code == "already_exists"));
    }

    [Fact]
    public async Task Concurrent_patches_of_different_fields_all_survive()
    {
        using var alice = await backend.NewUserAsync();
        var note = await CreateNoteAsync(alice);
        string[] patches = ["""{"body":"b"}""", """{"done":true}""", """{"priority":2}"""];

        var answers = await Task.WhenAll(patches.Select(patch => alice.PatchAsync($"/v1/data/notes/{note.Id}", patch)));
        var read = await alice.GetAsync($"/v1/data/notes/{note.Id}");

        Assert.All(answers, answer => Assert.Equal(HttpStatusCode.OK, answer.Status));
        Assert.Equal("b", read.Json.GetProperty("body").GetString());
        Assert.True(read.Json.GetProperty("done").GetBoolean());
        Assert.Equal(2, read.Json.GetProperty("priority").GetInt32());
    }

    [Fact]
    public async Task Head_answers_like_get_without_a_body()
    {
        using var alice = await backend.NewUserAsync();
        var note = await CreateNoteAsync(alice);

        var head = await alice.SendAsync(HttpMethod.Head, $"/v1/data/notes/{note.Id}", null);

        Assert.Equal((HttpStatusCode.OK, note.ETag, 0), (head.Status, head.ETag, head.Bytes.Length));
    }

    [Fact]
    public async Task An_unknown_collection_is_not_found()
    {
        using var alice = await backend.NewUserAsync();

        (await alice.PostAsync("/v1/data/nothing", "{}")).AssertProblem(HttpStatusCode.NotFound, "collection_not_found");
        (await alice.GetAsync("/v1/data/nothing/1")).AssertProblem(HttpStatusCode.NotFound, "collection_not_found");
        (await alice.GetAsync("/v1/data/media/1")).AssertProblem(HttpStatusCode.NotFound, "collection_not_found");
    }

    internal static async Task<ApiAnswer> CreateNoteAsync(ApiClient client, string json = """{"title":"note"}""")
    {
        var created = await client.PostAsync("/v1/data/notes", json);
        Assert.Equal(HttpStatusCode.Created, created.Status);
        return created;
    }
}
