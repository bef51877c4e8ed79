using System.Net;
using Functions.Tests.Fixtures;

namespace Functions.Tests.Spaces;

/// <summary>How people come into a space, over HTTP.</summary>
public sealed class InvitationApiTests(BackendFixture backend)
{
    [Fact]
    public async Task An_invitation_says_what_it_is_and_shows_its_token_once()
    {
        using var alice = await backend.NewUserAsync();
        using var bob = await backend.NewUserAsync();
        var space = await alice.CreateSpaceAsync();
        var path = $"/v1/spaces/{space}/invitations";

        var made = await alice.PostAsync(path, """{"role":"viewer","expiresInHours":2,"uses":3}""");
        Assert.Equal(HttpStatusCode.OK, (await bob.JoinAsync(made.Json.GetProperty("token").GetString() ?? "")).Status);

        Assert.Equal((HttpStatusCode.Created, "viewer", 3), (made.Status, made.Json.GetProperty("role").GetString(), made.Json.GetProperty("uses").GetInt32()));
        var created = made.Json.GetProperty("createdAt").GetDateTimeOffset();
        Assert.Equal(created.AddHours(2), made.Json.GetProperty("expiresAt").GetDateTimeOffset(), TimeSpan.FromSeconds(5));
        var listed = Assert.Single((await alice.GetAsync(path)).Json.GetProperty("items").EnumerateArray());
        Assert.Equal(made.Id, listed.GetProperty("id").GetString());
        Assert.Equal([bob.User], listed.GetProperty("usedBy").EnumerateArray().Select(user => user.GetString()));
        Assert.False(listed.TryGetProperty("token", out _));
    }

    [Theory]
    [InlineData("""{"role":"king"}""", "$.role not_in_enum")]
    [InlineData("""{"role":"viewer","uses":0}""", "$.uses out_of_range")]
    [InlineData("""{"role":"viewer","uses":101}""", "$.uses out_of_range")]
    [InlineData("""{"role":"viewer","expiresInHours":721}""", "$.expiresInHours out_of_range")]
    [InlineData("""{"role":"viewer","uses":"2"}""", "$.uses wrong_type")]
    [InlineData("""{"uses":2}""", "$ required")]
    public async Task A_wrong_invitation_is_refused_at_its_place(string body, string error)
    {
        using var alice = await backend.NewUserAsync();
        var space = await alice.CreateSpaceAsync();

        var answer = await alice.PostAsync($"/v1/spaces/{space}/invitations", body);

        answer.AssertProblem(HttpStatusCode.BadRequest, "validation_failed");
        Assert.Equal([error], answer.Errors);
    }

    [Fact]
    public async Task Joining_again_answers_the_space_and_uses_nothing()
    {
        using var alice = await backend.NewUserAsync();
        using var bob = await backend.NewUserAsync();
        using var carol = await backend.NewUserAsync();
        var space = await alice.CreateSpaceAsync();
        var token = await alice.InviteAsync(space, "editor", uses: 2);

        var answers = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => bob.JoinAsync(token)));
        Assert.All(answers, answer => Assert.Equal((HttpStatusCode.OK, space), (answer.Status, answer.Id)));
        Assert.Equal(HttpStatusCode.OK, (await alice.JoinAsync(token)).Status);
        Assert.Equal(HttpStatusCode.OK, (await carol.JoinAsync(token)).Status);

        Assert.Contains($"{alice.User} owner", await carol.MembersAsync(space));
        Assert.Equal([space], await bob.ListSpacesAsync());
    }

    [Fact]
    public async Task An_invitation_for_one_lets_one_in_however_many_come_at_once()
    {
        using var alice = await backend.NewUserAsync();
        var guests = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => backend.NewUserAsync()));
        var space = await alice.CreateSpaceAsync();
        var token = await alice.InviteAsync(space);

        var answers = await Task.WhenAll(guests.Select(guest => guest.JoinAsync(token)));

        Assert.Single(answers, answer => answer.Status == HttpStatusCode.OK);
        var refused = answers.Where(answer => answer.Status != HttpStatusCode.OK).ToList();
        Assert.All(refused, answer => answer.AssertProblem(HttpStatusCode.Gone, "invitation_used_up"));
        Assert.Equal(2, (await alice.MembersAsync(space)).Count);
        foreach (var guest in guests)
        {
            guest.Dispose();
        }
    }

    [Fact]
    public async Task An_invitation_for_many_lets_exactly_so_many_in()
    {
        using var alice = await backend.NewUserAsync();
        var guests = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => backend.NewUserAsync()));
        var space = await alice.CreateSpaceAsync();
        var token = await alice.InviteAsync(space, "viewer", uses: 4);

        var answers = await Task.WhenAll(guests.Select(guest => guest.JoinAsync(token)));

        Assert.Equal(4, answers.Count(answer => answer.Status == HttpStatusCode.OK));
        Assert.Equal(5, (await alice.MembersAsync(space)).Count);
        foreach (var guest in guests)
        {
            guest.Dispose();
        }
    }

    [Fact]
    public async Task A_token_that_the_server_did_not_make_opens_nothing()
    {
        using var alice = await backend.NewUserAsync();
        using var eve = await backend.NewUserAsync();
        var token = await alice.InviteAsync(await alice.CreateSpaceAsync());
        var other = await alice.InviteAsync(await alice.CreateSpaceAsync());

        foreach (var wrong in new[] { "", "x", "a.b", token[..^1], $"B{token[1..]}", $"{token.Split('.')[0]}.{other.Split('.')[1]}", $"{token}.x" })
        {
            (await eve.JoinAsync(wrong)).AssertProblem(HttpStatusCode.NotFound, "invitation_not_found");
        }

        Assert.Equal(["$ required"], (await eve.PostAsync("/v1/spaces:join", "{}")).Errors);
    }

    [Fact]
    public async Task A_revoked_invitation_lets_nobody_in_and_puts_nobody_out()
    {
        using var alice = await backend.NewUserAsync();
        using var bob = await backend.NewUserAsync();
        using var eve = await backend.NewUserAsync();
        var space = await alice.CreateSpaceAsync("Secret plans");
        var made = await alice.PostAsync($"/v1/spaces/{space}/invitations", """{"role":"editor","uses":5}""");
        var token = made.Json.GetProperty("token").GetString() ?? "";
        await bob.JoinAsync(token);
        var path = $"/v1/spaces/{space}/invitations/{made.Id}";

        Assert.Equal(HttpStatusCode.NoContent, (await alice.DeleteAsync(path)).Status);

        var refused = await eve.JoinAsync(token);
        refused.AssertProblem(HttpStatusCode.Gone, "invitation_revoked");
        Assert.DoesNotContain("Secret", refused.Json.ToString(), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, (await bob.JoinAsync(token)).Status);
        (await alice.DeleteAsync(path)).AssertProblem(HttpStatusCode.NotFound, "invitation_not_found");
        Assert.Empty((await alice.GetAsync($"/v1/spaces/{space}/invitations")).Json.GetProperty("items").EnumerateArray());
    }

    [Fact]
    public async Task Who_was_removed_or_left_needs_a_new_invitation()
    {
        using var alice = await backend.NewUserAsync();
        using var bob = await backend.NewUserAsync();
        var space = await alice.CreateSpaceAsync();
        var token = await alice.InviteAsync(space, "editor", uses: 5);

        await bob.JoinAsync(token);
        Assert.Equal(HttpStatusCode.NoContent, (await alice.DeleteAsync(SpaceClient.MemberPath(space, bob.User))).Status);
        (await bob.JoinAsync(token)).AssertProblem(HttpStatusCode.Gone, "invitation_used_up");

        await alice.LetInAsync(space, bob, "viewer");
        Assert.Equal([space], await bob.ListSpacesAsync());
    }

    [Fact]
    public async Task A_role_invites_only_whom_the_model_lets_it()
    {
        using var alice = await backend.NewUserAsync();
        using var editor = await backend.NewUserAsync();
        using var moderator = await backend.NewUserAsync();
        using var guest = await backend.NewUserAsync();
        var space = await alice.CreateSpaceAsync();
        await alice.LetInAsync(space, editor, "editor");
        await alice.LetInAsync(space, moderator, "moderator");
        var path = $"/v1/spaces/{space}/invitations";

        (await editor.PostAsync(path, """{"role":"viewer"}""")).AssertProblem(HttpStatusCode.Forbidden, "forbidden");
        (await editor.GetAsync(path)).AssertProblem(HttpStatusCode.Forbidden, "forbidden");
        foreach (var role in new[] { "owner", "editor" })
        {
            (await moderator.PostAsync(path, $$"""{"role":"{{role}}"}""")).AssertProblem(HttpStatusCode.Forbidden, "forbidden");
        }

        await moderator.LetInAsync(space, guest, "viewer");
        var owners = await alice.PostAsync(path, """{"role":"owner"}""");
        (await moderator.DeleteAsync($"{path}/{owners.Id}")).AssertProblem(HttpStatusCode.Forbidden, "forbidden");
        Assert.Contains(owners.Id, (await moderator.GetAsync(path)).Json.GetProperty("items").EnumerateArray().Select(item => item.GetProperty("id").GetString()));
    }

    [Fact]
    public async Task An_invitation_is_worth_nothing_once_its_maker_may_not_give_it()
    {
        using var alice = await backend.NewUserAsync();
        using var bob = await backend.NewUserAsync();
        using var accomplice = await backend.NewUserAsync();
        var space = await alice.CreateSpaceAsync();
        await alice.LetInAsync(space, bob, "owner");
        var backDoor = await bob.InviteAsync(space, "owner", uses: 5);

        await alice.SetRoleAsync(space, bob.User, "viewer");
        (await accomplice.JoinAsync(backDoor)).AssertProblem(HttpStatusCode.Gone, "invitation_revoked");
        await alice.DeleteAsync(SpaceClient.MemberPath(space, bob.User));

        (await bob.JoinAsync(backDoor)).AssertProblem(HttpStatusCode.Gone, "invitation_revoked");
    }

    [Fact]
    public async Task An_invitation_to_a_deleted_space_is_none()
    {
        using var alice = await backend.NewUserAsync();
        using var bob = await backend.NewUserAsync();
        var space = await alice.CreateSpaceAsync();
        var token = await alice.InviteAsync(space);
        await alice.DeleteAsync($"/v1/spaces/{space}");

        (await bob.JoinAsync(token)).AssertProblem(HttpStatusCode.NotFound, "invitation_not_found");
        await alice.PostAsync($"/v1/spaces/{space}:restore", "{}");

        Assert.Equal(HttpStatusCode.OK, (await bob.JoinAsync(token)).Status);
    }
}
