using System.Net;
using Functions.Tests.Fixtures;

namespace Functions.Tests.Spaces;

/// <summary>Deleting and restoring a space, over HTTP.</summary>
public sealed class DeletedSpaceApiTests(BackendFixture backend)
{
    [Fact]
    public async Task A_deleted_space_lets_nobody_in_and_comes_back_whole()
    {
        using var alice = await backend.NewUserAsync();
        using var bob = await backend.NewUserAsync();
        var space = await alice.CreateSpaceAsync();
        await alice.LetInAsync(space, bob, "editor");
        var note = await bob.PostAsync($"/v1/data/notes?scope=space/{space}", """{"title":"n"}""");
        var path = $"/v1/data/notes/{note.Id}?scope=space/{space}";
        var (_, cursor) = await bob.PullAllAsync($"space/{space}");

        Assert.Equal(HttpStatusCode.NoContent, (await alice.DeleteAsync($"/v1/spaces/{space}")).Status);

        foreach (var member in new[] { alice, bob })
        {
            (await member.GetAsync(path)).AssertProblem(HttpStatusCode.NotFound, "scope_not_found");
            (await member.GetAsync($"/v1/spaces/{space}")).AssertProblem(HttpStatusCode.NotFound, "space_not_found");
            Assert.Empty(await member.ListSpacesAsync());
        }

        Assert.True((await bob.PullScopeAsync($"space/{space}", cursor)).Json.GetProperty("changes")[0].GetProperty("revoked").GetBoolean());
        (await alice.DeleteAsync($"/v1/spaces/{space}")).AssertProblem(HttpStatusCode.NotFound, "space_not_found");
        (await bob.PostAsync($"/v1/spaces/{space}:restore", "{}")).AssertProblem(HttpStatusCode.NotFound, "space_not_found");

        var restored = await alice.PostAsync($"/v1/spaces/{space}:restore", "{}");

        Assert.Equal((HttpStatusCode.OK, "owner"), (restored.Status, restored.Json.GetProperty("role").GetString()));
        Assert.Equal(HttpStatusCode.OK, (await bob.GetAsync(path)).Status);
        Assert.Equal([space], await bob.ListSpacesAsync());
        Assert.Equal([note.Id], (await bob.PullAllAsync($"space/{space}")).Records.IdsOf("notes"));
        Assert.Equal([space], (await bob.PullAllAsync(bob.Scope)).Records.IdsOf("memberships"));
        Assert.Equal(HttpStatusCode.OK, (await alice.PostAsync($"/v1/spaces/{space}:restore", "{}")).Status);
    }
}
