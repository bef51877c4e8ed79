using System.Net;
using Functions.Tests.Fixtures;

namespace Functions.Tests.Spaces;

/// <summary>Records that people share in a space, over HTTP.</summary>
public sealed class SpaceRecordsApiTests(BackendFixture backend)
{
    [Fact]
    public async Task Members_share_records_and_their_roles_decide_what_they_do()
    {
        using var alice = await backend.NewUserAsync();
        using var editor = await backend.NewUserAsync();
        using var viewer = await backend.NewUserAsync();
        var space = await alice.CreateSpaceAsync();
        await alice.LetInAsync(space, editor, "editor");
        await alice.LetInAsync(space, viewer, "viewer");
        var list = $"/v1/data/notes?scope=space/{space}";

        var note = await alice.PostAsync("/v1/data/notes", $$"""{"scope":"space/{{space}}","title":"shared"}""");
        var path = $"/v1/data/notes/{note.Id}?scope=space/{space}";

        Assert.Equal((HttpStatusCode.Created, $"space/{space}"), (note.Status, note.Json.GetProperty("scope").GetString()));
        Assert.Equal(HttpStatusCode.OK, (await editor.PatchAsync(path, """{"done":true}""")).Status);
        Assert.True((await viewer.GetAsync(path)).Json.GetProperty("done").GetBoolean());
        (await viewer.PatchAsync(path, """{"done":false}""")).AssertProblem(HttpStatusCode.Forbidden, "forbidden");
        (await viewer.DeleteAsync(path)).AssertProblem(HttpStatusCode.Forbidden, "forbidden");
        (await viewer.PostAsync(list, """{"title":"x"}""")).AssertProblem(HttpStatusCode.Forbidden, "forbidden");
        Assert.Equal(HttpStatusCode.Created, (await editor.PostAsync(list, """{"title":"second"}""")).Status);
        Assert.Equal(2, (await viewer.GetAsync(list)).Json.GetProperty("items").GetArrayLength());
        Assert.Equal(HttpStatusCode.NoContent, (await editor.DeleteAsync(path)).Status);
    }

    [Fact]
    public async Task A_space_and_a_users_own_scope_keep_apart()
    {
        using var alice = await backend.NewUserAsync();
        var space = await alice.CreateSpaceAsync();
        var other = await alice.CreateSpaceAsync();
        var body = $$"""{"id":"{{Guid.NewGuid()}}","title":"n"}""";
        foreach (var query in new[] { "", $"?scope=space/{space}", $"?scope=space/{other}" })
        {
            Assert.Equal(HttpStatusCode.Created, (await alice.PostAsync($"/v1/data/notes{query}", body)).Status);
            Assert.Single((await alice.GetAsync($"/v1/data/notes{query}")).Json.GetProperty("items").EnumerateArray());
        }
    }

    [Fact]
    public async Task For_strangers_and_for_other_collections_the_scope_does_not_exist()
    {
        using var alice = await backend.NewUserAsync();
        using var eve = await backend.NewUserAsync();
        var space = await alice.CreateSpaceAsync();
        var note = await alice.PostAsync($"/v1/data/notes?scope=space/{space}", """{"title":"n"}""");
        var path = $"/v1/data/notes/{note.Id}?scope=space/{space}";

        ApiAnswer[] answers =
        [
            await eve.GetAsync(path),
            await eve.PatchAsync(path, "{}"),
            await eve.DeleteAsync(path),
            await eve.GetAsync($"/v1/data/notes?scope=space/{space}"),
            await eve.PostAsync($"/v1/data/notes?scope=space/{space}", """{"title":"n"}"""),
            await alice.GetAsync($"/v1/data/orders?scope=space/{space}"),
            await alice.GetAsync($"/v1/data/profiles?scope=space/{space}"),
            await alice.GetAsync("/v1/data/notes?scope=space/"),
            await alice.GetAsync("/v1/data/notes?scope=space/a%20b"),
            await alice.GetAsync($"/v1/data/notes?scope=space/{space}/notes"),
            await alice.GetAsync("/v1/data/notes?scope=public/notes"),
        ];

        Assert.All(answers, answer => answer.AssertProblem(HttpStatusCode.NotFound, "scope_not_found"));
    }

    [Fact]
    public async Task Who_is_removed_or_demoted_is_so_with_the_next_request()
    {
        using var alice = await backend.NewUserAsync();
        using var bob = await backend.NewUserAsync();
        var space = await alice.CreateSpaceAsync();
        await alice.LetInAsync(space, bob, "editor");
        var list = $"/v1/data/notes?scope=space/{space}";
        var note = await bob.PostAsync(list, """{"title":"mine"}""");
        var path = $"/v1/data/notes/{note.Id}?scope=space/{space}";
        var (_, cursor) = await bob.PullAllAsync($"space/{space}");

        await alice.SetRoleAsync(space, bob.User, "viewer");
        (await bob.PatchAsync(path, """{"done":true}""")).AssertProblem(HttpStatusCode.Forbidden, "forbidden");
        Assert.Equal(HttpStatusCode.OK, (await bob.GetAsync(path)).Status);

        await alice.DeleteAsync(SpaceClient.MemberPath(space, bob.User));
        (await bob.GetAsync(path)).AssertProblem(HttpStatusCode.NotFound, "scope_not_found");
        (await bob.PatchAsync(path, """{"done":true}""")).AssertProblem(HttpStatusCode.NotFound, "scope_not_found");
        (await bob.GetAsync(list)).AssertProblem(HttpStatusCode.NotFound, "scope_not_found");
        (await bob.PullScopeAsync($"space/{space}")).AssertProblem(HttpStatusCode.NotFound, "scope_not_found");
        Assert.True((await bob.PullScopeAsync($"space/{space}", cursor)).Json.GetProperty("changes")[0].GetProperty("revoked").GetBoolean());
        Assert.Empty(await bob.ListSpacesAsync());
        Assert.Equal(HttpStatusCode.OK, (await alice.GetAsync(path)).Status);
    }

    [Theory]
    [InlineData("spaces")]
    [InlineData("memberships")]
    [InlineData("invitations")]
    public async Task The_records_of_spaces_themselves_are_not_in_the_data_api(string collection)
    {
        using var alice = await backend.NewUserAsync();
        var space = await alice.CreateSpaceAsync();
        var scope = $"?scope=space/{space}";

        ApiAnswer[] answers =
        [
            await alice.GetAsync($"/v1/data/{collection}{scope}"),
            await alice.GetAsync($"/v1/data/{collection}/{space}{scope}"),
            await alice.PatchAsync($"/v1/data/{collection}/{space}{scope}", """{"name":"x"}"""),
            await alice.DeleteAsync($"/v1/data/{collection}/{space}{scope}"),
            await alice.PostAsync($"/v1/data/{collection}{scope}", "{}"),
        ];

        Assert.All(answers, answer => answer.AssertProblem(HttpStatusCode.NotFound, "collection_not_found"));
    }
}
