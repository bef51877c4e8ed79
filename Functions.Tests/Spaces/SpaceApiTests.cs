using System.Net;
using Functions.Tests.Fixtures;

namespace Functions.Tests.Spaces;

/// <summary>Spaces and their members, over HTTP.</summary>
public sealed class SpaceApiTests(BackendFixture backend)
{
    [Fact]
    public async Task Who_makes_a_space_owns_it_and_finds_it_in_the_list()
    {
        using var alice = await backend.NewUserAsync();

        var created = await alice.PostAsync("/v1/spaces", """{"name":"Vögel & Co"}""");

        Assert.Equal(HttpStatusCode.Created, created.Status);
        Assert.Equal($"/v1/spaces/{created.Id}", created.Headers["Location"]);
        Assert.Equal(7, Guid.Parse(created.Id).Version);
        Assert.Equal(
            ($"space/{created.Id}", "Vögel & Co", "owner"),
            (created.Json.GetProperty("scope").GetString(), created.Json.GetProperty("name").GetString(), created.Json.GetProperty("role").GetString()));
        var read = await alice.GetAsync($"/v1/spaces/{created.Id}");
        Assert.Equal(created.Bytes, read.Bytes);
        Assert.Equal((created.ETag, $"\"{read.Json.GetProperty("etag").GetString()}\""), (read.ETag, read.ETag));
        Assert.Equal([$"{alice.User} owner"], await alice.MembersAsync(created.Id));
        var listed = Assert.Single((await alice.GetAsync("/v1/spaces")).Json.GetProperty("items").EnumerateArray());
        Assert.Equal(
            (created.Id, "Vögel & Co", "owner", 1),
            (listed.GetProperty("id").GetString(), listed.GetProperty("name").GetString(), listed.GetProperty("role").GetString(), listed.GetProperty("memberCount").GetInt32()));
    }

    [Theory]
    [InlineData("""{"name":""}""", "$.name required")]
    [InlineData("""{"name":"  "}""", "$.name required")]
    [InlineData("""{"name":"a\nb"}""", "$.name pattern_mismatch")]
    [InlineData("""{"name":5}""", "$.name wrong_type")]
    [InlineData("""{"name":null}""", "$.name wrong_type")]
    [InlineData("{}", "$ required")]
    [InlineData("""{"name":"a","members":{}}""", "$.members unknown_field")]
    public async Task A_wrong_space_is_refused_at_its_place(string body, string error)
    {
        using var alice = await backend.NewUserAsync();

        var answer = await alice.PostAsync("/v1/spaces", body);

        answer.AssertProblem(HttpStatusCode.BadRequest, "validation_failed");
        Assert.Equal([error], answer.Errors);
        Assert.Equal(["$.name too_long"], (await alice.PostAsync("/v1/spaces", $$"""{"name":"{{new string('x', 101)}}"}""")).Errors);
        Assert.Empty(await alice.ListSpacesAsync());
    }

    [Fact]
    public async Task To_strangers_a_space_does_not_exist()
    {
        using var alice = await backend.NewUserAsync();
        using var eve = await backend.NewUserAsync();
        var space = await alice.CreateSpaceAsync();
        var path = $"/v1/spaces/{space}";

        ApiAnswer[] answers =
        [
            await eve.GetAsync(path),
            await eve.PatchAsync(path, """{"name":"mine"}"""),
            await eve.DeleteAsync(path),
            await eve.PostAsync($"{path}:restore", "{}"),
            await eve.PostAsync($"{path}:transfer", $$"""{"to":"{{eve.User}}"}"""),
            await eve.SetRoleAsync(space, eve.User, "owner"),
            await eve.DeleteAsync(SpaceClient.MemberPath(space, alice.User)),
            await eve.DeleteAsync(SpaceClient.MemberPath(space, eve.User)),
            await eve.PostAsync($"{path}/invitations", """{"role":"owner"}"""),
            await eve.GetAsync($"{path}/invitations"),
            await eve.DeleteAsync($"{path}/invitations/x"),
            await alice.GetAsync($"/v1/spaces/{Guid.CreateVersion7()}"),
            await alice.GetAsync("/v1/spaces/a%20b"),
            await alice.GetAsync($"{path}:restore"),
        ];

        Assert.All(answers, answer => answer.AssertProblem(HttpStatusCode.NotFound, "space_not_found"));
        Assert.Equal([$"{alice.User} owner"], await alice.MembersAsync(space));
        Assert.Empty(await eve.ListSpacesAsync());
    }

    [Fact]
    public async Task Without_a_token_nothing_is_answered()
    {
        using var nobody = backend.Anonymous();

        (await nobody.GetAsync("/v1/spaces")).AssertProblem(HttpStatusCode.Unauthorized, "unauthenticated");
        (await nobody.JoinAsync("x")).AssertProblem(HttpStatusCode.Unauthorized, "unauthenticated");
    }

    [Fact]
    public async Task An_owner_renames_a_space_of_the_version_that_was_read()
    {
        using var alice = await backend.NewUserAsync();
        using var bob = await backend.NewUserAsync();
        var space = await alice.CreateSpaceAsync();
        await alice.LetInAsync(space, bob, "editor");
        var path = $"/v1/spaces/{space}";
        var version = (await alice.GetAsync(path)).ETag ?? "";

        var renamed = await alice.PatchAsync(path, """{"name":"Owls"}""", ("If-Match", version));

        Assert.Equal((HttpStatusCode.OK, "Owls"), (renamed.Status, renamed.Json.GetProperty("name").GetString()));
        Assert.NotEqual(version, renamed.ETag);
        (await alice.PatchAsync(path, """{"name":"x"}""", ("If-Match", version))).AssertProblem(HttpStatusCode.PreconditionFailed, "precondition_failed");
        (await alice.DeleteAsync(path, ("If-Match", version))).AssertProblem(HttpStatusCode.PreconditionFailed, "precondition_failed");
        (await bob.PatchAsync(path, """{"name":"x"}""")).AssertProblem(HttpStatusCode.Forbidden, "forbidden");
        Assert.Equal(["$.name required"], (await alice.PatchAsync(path, """{"name":""}""")).Errors);
        Assert.Equal((HttpStatusCode.OK, renamed.ETag), ((await alice.PatchAsync(path, "{}")).Status, (await alice.GetAsync(path)).ETag));
        Assert.Equal(HttpStatusCode.NotModified, (await bob.GetAsync(path, ("If-None-Match", renamed.ETag ?? ""))).Status);
    }

    [Fact]
    public async Task Only_owners_change_what_members_are()
    {
        using var alice = await backend.NewUserAsync();
        using var bob = await backend.NewUserAsync();
        using var carol = await backend.NewUserAsync();
        var space = await alice.CreateSpaceAsync();
        await alice.LetInAsync(space, bob, "editor");
        await alice.LetInAsync(space, carol, "viewer");

        (await bob.SetRoleAsync(space, bob.User, "owner")).AssertProblem(HttpStatusCode.Forbidden, "forbidden");
        (await bob.DeleteAsync(SpaceClient.MemberPath(space, carol.User))).AssertProblem(HttpStatusCode.Forbidden, "forbidden");
        (await bob.PostAsync($"/v1/spaces/{space}:transfer", $$"""{"to":"{{bob.User}}"}""")).AssertProblem(HttpStatusCode.Forbidden, "forbidden");
        (await bob.DeleteAsync($"/v1/spaces/{space}")).AssertProblem(HttpStatusCode.Forbidden, "forbidden");
        var promoted = await alice.SetRoleAsync(space, carol.User, "moderator");

        Assert.Equal(HttpStatusCode.OK, promoted.Status);
        Assert.Equal(
            new[] { $"{alice.User} owner", $"{bob.User} editor", $"{carol.User} moderator" }.Order(StringComparer.Ordinal),
            await bob.MembersAsync(space));
        Assert.Equal(["$.role not_in_enum"], (await alice.SetRoleAsync(space, carol.User, "king")).Errors);
        (await alice.SetRoleAsync(space, "nobody", "viewer")).AssertProblem(HttpStatusCode.NotFound, "member_not_found");
        (await alice.DeleteAsync(SpaceClient.MemberPath(space, "nobody"))).AssertProblem(HttpStatusCode.NotFound, "member_not_found");
    }

    [Fact]
    public async Task The_last_owner_can_neither_leave_nor_step_down()
    {
        using var alice = await backend.NewUserAsync();
        using var bob = await backend.NewUserAsync();
        var space = await alice.CreateSpaceAsync();
        await alice.LetInAsync(space, bob, "editor");

        (await alice.DeleteAsync(SpaceClient.MemberPath(space, alice.User))).AssertProblem(HttpStatusCode.Conflict, "last_owner");
        (await alice.SetRoleAsync(space, alice.User, "editor")).AssertProblem(HttpStatusCode.Conflict, "last_owner");
        Assert.Equal(HttpStatusCode.OK, (await alice.SetRoleAsync(space, alice.User, "owner")).Status);
        Assert.Equal(HttpStatusCode.OK, (await alice.SetRoleAsync(space, bob.User, "owner")).Status);
        Assert.Equal(HttpStatusCode.NoContent, (await alice.DeleteAsync(SpaceClient.MemberPath(space, alice.User))).Status);

        Assert.Equal([$"{bob.User} owner"], await bob.MembersAsync(space));
        Assert.Empty(await alice.ListSpacesAsync());
    }

    [Fact]
    public async Task Of_two_owners_who_leave_at_once_one_stays()
    {
        using var alice = await backend.NewUserAsync();
        using var bob = await backend.NewUserAsync();
        for (var round = 0; round < 5; round++)
        {
            var space = await alice.CreateSpaceAsync();
            await alice.LetInAsync(space, bob, "owner");

            var answers = await Task.WhenAll(
                alice.DeleteAsync(SpaceClient.MemberPath(space, alice.User)),
                bob.DeleteAsync(SpaceClient.MemberPath(space, bob.User)));

            Assert.Single(answers, answer => answer.Status == HttpStatusCode.NoContent);
            Assert.Single(answers, answer => answer.Status == HttpStatusCode.Conflict && answer.Code == "last_owner");
        }
    }

    [Fact]
    public async Task A_space_is_transferred_to_a_member_at_once()
    {
        using var alice = await backend.NewUserAsync();
        using var bob = await backend.NewUserAsync();
        using var eve = await backend.NewUserAsync();
        var space = await alice.CreateSpaceAsync();
        await alice.LetInAsync(space, bob, "viewer");
        var path = $"/v1/spaces/{space}:transfer";

        var stranger = await alice.PostAsync(path, $$"""{"to":"{{eve.User}}"}""");
        var done = await alice.PostAsync(path, $$"""{"to":"{{bob.User}}"}""");

        stranger.AssertProblem(HttpStatusCode.BadRequest, "validation_failed");
        Assert.Equal(["$.to unknown_member"], stranger.Errors);
        Assert.Equal((HttpStatusCode.OK, "editor"), (done.Status, done.Json.GetProperty("role").GetString()));
        Assert.Equal(
            new[] { $"{alice.User} editor", $"{bob.User} owner" }.Order(StringComparer.Ordinal), await bob.MembersAsync(space));
        (await alice.PostAsync(path, $$"""{"to":"{{alice.User}}"}""")).AssertProblem(HttpStatusCode.Forbidden, "forbidden");
        Assert.Equal(HttpStatusCode.OK, (await bob.PostAsync(path, $$"""{"to":"{{bob.User}}"}""")).Status);
    }

    [Theory]
    [InlineData("auth0|a/b?c#d%e+f\"'\\{}")]
    [InlineData("https://issuer.example/users/1")]
    public async Task Any_user_id_can_be_a_member(string name)
    {
        using var alice = await backend.NewUserAsync();
        using var bob = await backend.ClientAsync($"{name}-{Guid.NewGuid():n}");
        var space = await alice.CreateSpaceAsync();
        await alice.LetInAsync(space, bob, "viewer");

        Assert.Equal(HttpStatusCode.OK, (await alice.SetRoleAsync(space, bob.User, "editor")).Status);
        Assert.Contains($"{bob.User} editor", await bob.MembersAsync(space));
        Assert.Equal([space], await bob.ListSpacesAsync());
        Assert.Equal(HttpStatusCode.Created, (await bob.PostAsync($"/v1/data/notes?scope=space/{space}", """{"title":"n"}""")).Status);
        Assert.Equal(HttpStatusCode.NoContent, (await bob.DeleteAsync(SpaceClient.MemberPath(space, bob.User))).Status);
        Assert.Empty(await bob.ListSpacesAsync());
    }

    [Fact]
    public async Task The_description_of_the_api_has_every_path()
    {
        using var nobody = backend.Anonymous();

        var paths = (await nobody.GetAsync("/openapi.json")).Json.GetProperty("paths");

        string[] expected =
        [
            "/v1/spaces", "/v1/spaces/{id}", "/v1/spaces/{id}:purge", "/v1/spaces/{id}:restore", "/v1/spaces/{id}:transfer", "/v1/spaces/{id}/members/{user}",
            "/v1/spaces/{id}/invitations", "/v1/spaces/{id}/invitations/{invitation}", "/v1/spaces:join",
        ];
        Assert.Equal(
            expected.Order(StringComparer.Ordinal),
            paths.EnumerateObject().Select(path => path.Name.TrimEnd('/')).Where(path => path.StartsWith("/v1/spaces", StringComparison.Ordinal))
                .Order(StringComparer.Ordinal));
    }
}
