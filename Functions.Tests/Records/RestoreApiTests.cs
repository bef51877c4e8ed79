using System.Net;
using Functions.Tests.Fixtures;

namespace Functions.Tests.Records;

public sealed class RestoreApiTests(BackendFixture backend)
{
    [Fact]
    public async Task A_deleted_record_comes_back_with_its_fields_and_sync_delivers_it()
    {
        using var alice = await backend.NewUserAsync();
        var note = await RecordsApiTests.CreateNoteAsync(alice, """{"title":"a","tags":["x"],"likes":3}""");
        await alice.DeleteAsync(Path(note));
        var (_, _, cursor) = await alice.PullAsync();

        var restored = await RestoreAsync(alice, note);

        Assert.Equal(HttpStatusCode.OK, restored.Status);
        Assert.Equal("""["x"]""", restored.Json.GetProperty("tags").GetRawText());
        Assert.False(restored.Json.GetProperty("deleted").GetBoolean());
        Assert.Equal(note.Json.GetProperty("createdAt").GetString(), restored.Json.GetProperty("createdAt").GetString());
        Assert.NotEqual(note.ETag, restored.ETag);
        Assert.Equal(restored.Json.GetRawText(), (await alice.GetAsync(Path(note))).Json.GetRawText());
        Assert.Equal(note.Id, Assert.Single((await alice.PullAsync(cursor)).Records).GetProperty("id").GetString());
    }

    [Fact]
    public async Task A_record_that_is_not_deleted_cannot_be_restored()
    {
        using var alice = await backend.NewUserAsync();
        var note = await RecordsApiTests.CreateNoteAsync(alice);

        (await RestoreAsync(alice, note)).AssertProblem(HttpStatusCode.Conflict, "not_deleted");
        Assert.Equal(note.ETag, (await alice.GetAsync(Path(note))).ETag);
    }

    [Fact]
    public async Task What_was_never_there_or_belongs_to_somebody_else_is_not_found()
    {
        using var alice = await backend.NewUserAsync();
        using var bob = await backend.NewUserAsync();
        var note = await RecordsApiTests.CreateNoteAsync(alice);
        await alice.DeleteAsync(Path(note));

        (await RestoreAsync(bob, note)).AssertProblem(HttpStatusCode.NotFound, "record_not_found");
        (await alice.PostAsync("/v1/data/notes/never:restore", "{}")).AssertProblem(HttpStatusCode.NotFound, "record_not_found");
        (await alice.PostAsync("/v1/data/nothing/never:restore", "{}")).AssertProblem(HttpStatusCode.NotFound, "collection_not_found");
        (await alice.PostAsync($"/v1/data/notes/{note.Id}:restore?scope={bob.Scope}", "{}")).AssertProblem(HttpStatusCode.NotFound, "scope_not_found");
    }

    [Fact]
    public async Task Who_may_read_but_not_delete_may_not_restore()
    {
        using var alice = await backend.NewUserAsync();
        using var bob = await backend.NewUserAsync();
        var profile = await alice.PostAsync("/v1/data/profiles", """{"displayName":"Alice"}""");
        await alice.DeleteAsync($"/v1/data/profiles/{profile.Id}");

        (await bob.PostAsync($"/v1/data/profiles/{profile.Id}:restore", "{}")).AssertProblem(HttpStatusCode.Forbidden, "forbidden");
        Assert.Equal(HttpStatusCode.OK, (await alice.PostAsync($"/v1/data/profiles/{profile.Id}:restore", "{}")).Status);
    }

    [Fact]
    public async Task A_version_that_is_not_the_tombstones_restores_nothing()
    {
        using var alice = await backend.NewUserAsync();
        var note = await RecordsApiTests.CreateNoteAsync(alice);
        await alice.DeleteAsync(Path(note));

        var refused = await alice.SendAsync(HttpMethod.Post, $"{Path(note)}:restore", null, ("If-Match", note.ETag ?? ""));

        refused.AssertProblem(HttpStatusCode.PreconditionFailed, "precondition_failed");
        Assert.Equal(HttpStatusCode.NotFound, (await alice.GetAsync(Path(note))).Status);
    }

    private static string Path(ApiAnswer note) => $"/v1/data/notes/{note.Id}";

    private static Task<ApiAnswer> RestoreAsync(ApiClient client, ApiAnswer note) =>
        client.SendAsync(HttpMethod.Post, $"{Path(note)}:restore", null);
}
