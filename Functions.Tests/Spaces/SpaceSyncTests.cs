using System.Net;
using System.Text.Json;
using Functions.Tests.Fixtures;

namespace Functions.Tests.Spaces;

/// <summary>What clients learn of spaces by sync.</summary>
public sealed class SpaceSyncTests(BackendFixture backend)
{
    [Fact]
    public async Task A_client_learns_its_spaces_from_its_own_scope_and_pulls_them()
    {
        using var alice = await backend.NewUserAsync();
        using var bob = await backend.NewUserAsync();
        var space = await alice.CreateSpaceAsync("Birds");
        await alice.LetInAsync(space, bob, "viewer");
        var note = await alice.PostAsync($"/v1/data/notes?scope=space/{space}", """{"title":"n"}""");

        var (own, _) = await bob.PullAllAsync(bob.Scope);
        var (shared, cursor) = await bob.PullAllAsync($"space/{space}");

        var membership = Assert.Single(own, record => record.GetProperty("collection").GetString() == "memberships");
        Assert.Equal((space, space), (membership.GetProperty("id").GetString(), membership.GetProperty("space").GetString()));
        Assert.Equal([note.Id], shared.IdsOf("notes"));
        var record = Assert.Single(shared, item => item.GetProperty("collection").GetString() == "spaces");
        Assert.Equal("Birds", record.GetProperty("name").GetString());
        Assert.Equal("viewer", record.GetProperty("members").GetProperty(bob.User).GetProperty("role").GetString());

        await alice.PatchAsync($"/v1/spaces/{space}", """{"name":"Owls"}""");
        var (changed, _) = await bob.PullAllAsync($"space/{space}", cursor);
        Assert.Equal("Owls", Assert.Single(changed).GetProperty("name").GetString());
    }

    [Fact]
    public async Task Who_leaves_hears_it_in_both_scopes_and_other_scopes_go_on()
    {
        using var alice = await backend.NewUserAsync();
        using var bob = await backend.NewUserAsync();
        var space = await alice.CreateSpaceAsync();
        await alice.LetInAsync(space, bob, "editor");
        var (_, cursor) = await bob.PullAllAsync($"space/{space}");
        await bob.DeleteAsync(SpaceClient.MemberPath(space, bob.User));

        var answer = await bob.PullScopeAsync($"space/{space}", cursor, bob.Scope);

        Assert.Equal(HttpStatusCode.OK, answer.Status);
        var (lost, own) = (answer.Json.GetProperty("changes")[0], answer.Json.GetProperty("changes")[1]);
        Assert.Equal(($"space/{space}", true), (lost.GetProperty("scope").GetString(), lost.GetProperty("revoked").GetBoolean()));
        Assert.Equal((JsonValueKind.Null, false), (lost.GetProperty("cursor").ValueKind, lost.GetProperty("hasMore").GetBoolean()));
        Assert.Empty(lost.GetProperty("records").EnumerateArray());
        Assert.Equal(["memberships"], own.GetProperty("removed").EnumerateArray().Select(item => item.GetProperty("collection").GetString()));
    }

    [Fact]
    public async Task Without_a_cursor_of_the_scope_a_stranger_learns_nothing()
    {
        using var alice = await backend.NewUserAsync();
        using var eve = await backend.NewUserAsync();
        var space = await alice.CreateSpaceAsync();
        await eve.CreateSpaceAsync();
        var (_, own) = await eve.PullAllAsync(eve.Scope);

        foreach (var cursor in new[] { null, "", "nonsense", own })
        {
            (await eve.PullScopeAsync($"space/{space}", cursor)).AssertProblem(HttpStatusCode.NotFound, "scope_not_found");
        }
    }

    [Fact]
    public async Task Another_role_means_to_read_the_space_anew()
    {
        using var alice = await backend.NewUserAsync();
        using var bob = await backend.NewUserAsync();
        var space = await alice.CreateSpaceAsync();
        await alice.LetInAsync(space, bob, "owner");
        await alice.InviteAsync(space, "viewer");
        var (asOwner, cursor) = await bob.PullAllAsync($"space/{space}");
        Assert.Equal(2, asOwner.IdsOf("invitations").Count);

        await alice.SetRoleAsync(space, bob.User, "viewer");
        var changes = (await bob.PullScopeAsync($"space/{space}", cursor)).Json.GetProperty("changes")[0];
        Assert.True(changes.GetProperty("resync").GetBoolean());
        Assert.Equal((JsonValueKind.Null, true), (changes.GetProperty("cursor").ValueKind, changes.GetProperty("hasMore").GetBoolean()));

        var (asViewer, fresh) = await bob.PullAllAsync($"space/{space}");
        Assert.Empty(asViewer.IdsOf("invitations"));
        Assert.Equal([space], asViewer.IdsOf("spaces"));
        Assert.Empty((await bob.PullAllAsync($"space/{space}", fresh)).Records);
    }

    [Fact]
    public async Task A_cursor_of_another_space_is_refused()
    {
        using var alice = await backend.NewUserAsync();
        var (one, two) = (await alice.CreateSpaceAsync(), await alice.CreateSpaceAsync());
        var (_, cursor) = await alice.PullAllAsync($"space/{one}");

        var answer = await alice.PullScopeAsync($"space/{two}", cursor);

        answer.AssertProblem(HttpStatusCode.BadRequest, "validation_failed");
        Assert.Equal(["$.pull[0].cursor invalid_cursor"], answer.Errors);
    }
}
