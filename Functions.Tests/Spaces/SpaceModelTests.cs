using System.Net;
using Backend.Model;
using Backend.Records;
using Functions.Tests.Fixtures;

namespace Functions.Tests.Spaces;

/// <summary>What the model says about spaces: where collections live, which roles there are.</summary>
public sealed class SpaceModelTests : IDisposable
{
    private readonly TempFolder _folder = new();

    [Theory]
    [InlineData("\"user\"", "User")]
    [InlineData("\"space\"", "Space")]
    [InlineData("[\"space\"]", "Space")]
    [InlineData("[\"user\", \"space\"]", "User,Space")]
    [InlineData("\"public\"", "Public")]
    public void A_collection_lives_in_one_kind_of_scope_or_in_several(string scope, string kinds)
    {
        Write("a.json", $$$"""{"scope":{{{scope}}},"fields":{}}""");

        Assert.Equal(kinds, string.Join(',', ModelLoader.Load(_folder.Path).Collections["a"].Scopes.Order()));
    }

    [Theory]
    [InlineData("[]", "the list is empty")]
    [InlineData("[\"user\", \"public\"]", "public cannot be combined")]
    [InlineData("[\"user\", \"user\"]", "is there twice")]
    [InlineData("[\"user\", \"moon\"]", "'moon' is none of public, space, user")]
    [InlineData("5", "'5' is none of")]
    public void A_wrong_scope_is_refused(string scope, string reason)
    {
        Write("a.json", $$$"""{"scope":{{{scope}}},"fields":{}}""");

        var error = Assert.Single(Assert.Throws<ModelException>(() => ModelLoader.Load(_folder.Path)).Errors);

        Assert.Equal(("a.json", "$.scope"), (error.File, error.Path));
        Assert.Contains(reason, error.Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("invitations")]
    [InlineData("memberships")]
    public void The_products_own_collections_cannot_be_declared(string name)
    {
        Write($"{name}.json", """{"scope":"user","fields":{}}""");

        Assert.Contains("the product itself", Assert.Throws<ModelException>(() => ModelLoader.Load(_folder.Path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_default_scope_is_the_users_own_or_the_public_one_or_none()
    {
        Write("own.json", """{"scope":["user","space"],"fields":{}}""");
        Write("all.json", """{"scope":"public","fields":{}}""");
        Write("shared.json", """{"scope":"space","fields":{}}""");

        var collections = ModelLoader.Load(_folder.Path).Collections;

        Assert.Equal(Scope.ForUser("alice"), collections["own"].DefaultScope("alice"));
        Assert.Equal(Scope.ForPublic("all"), collections["all"].DefaultScope("alice"));
        Assert.Null(collections["shared"].DefaultScope("alice"));
    }

    [Fact]
    public void Roles_are_built_in_or_declared_with_whom_they_may_invite()
    {
        WriteCollection();
        Write("spaces.json", """{"roles":{"helper":{"mayInvite":true},"guide":{"mayInvite":["viewer"]},"editor":{"description":"Edits."}}}""");

        var roles = ModelLoader.Load(_folder.Path).SpaceRoles;

        Assert.Equal(["owner", "editor", "viewer", "helper", "guide"], roles.Names);
        Assert.Equal(["editor", "viewer", "helper", "guide"], roles.Names.Where(role => roles.MayGive("helper", role)));
        Assert.Equal(["viewer"], roles.Names.Where(role => roles.MayGive("guide", role)));
        Assert.False(roles.MayInvite("editor"));
    }

    [Fact]
    public void Every_error_of_the_roles_is_reported_and_rules_are_not_blamed_for_it()
    {
        WriteCollection("space.role == 'helper'");
        Write("spaces.json", """{"roles":{"owner":{},"Helper":{},"a":{"mayInvite":["b"]},"c":{"mayInvite":"all","x":1}},"y":2}""");

        var errors = Assert.Throws<ModelException>(() => ModelLoader.Load(_folder.Path)).Errors;

        Assert.Equal(
            ["$.roles.Helper", "$.roles.a.mayInvite", "$.roles.c.mayInvite", "$.roles.c.x", "$.roles.owner", "$.y"],
            errors.Select(error => error.Path).Order(StringComparer.Ordinal));
        Assert.All(errors, error => Assert.Equal("spaces.json", error.File));
    }

    [Theory]
    [InlineData("space.role == 'edtor'")]
    [InlineData("space.role in ['owner', 'edtor']")]
    [InlineData("'edtor' != space.role")]
    public void A_rule_that_names_no_declared_role_is_refused(string rule)
    {
        WriteCollection(rule);

        var error = Assert.Single(Assert.Throws<ModelException>(() => ModelLoader.Load(_folder.Path)).Errors);

        Assert.Contains("'space.role' can only be owner, editor, viewer", error.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_collection_of_spaces_alone_asks_which_space()
    {
        WriteCollection("true");
        File.Copy(Path.Combine(RepositoryFiles.Model, "orders.json"), _folder.File("orders.json")); // the application has a hook for it
        await using var backend = await LocalBackend.StartAsync(null, "--model", _folder.Path);
        using var alice = await ApiClient.CreateAsync(backend.Url, new Uri(backend.Url, "/dev/token"), "alice");
        var space = await alice.CreateSpaceAsync();

        ApiAnswer[] answers =
        [
            await alice.GetAsync("/v1/data/a"), await alice.PostAsync("/v1/data/a", "{}"), await alice.GetAsync("/v1/data/a/x"),
            await alice.PatchAsync("/v1/data/a/x", "{}"), await alice.DeleteAsync("/v1/data/a/x"),
        ];

        Assert.All(answers, answer => answer.AssertProblem(HttpStatusCode.BadRequest, "scope_required"));
        Assert.All(answers, answer => Assert.Equal(["scope scope_required"], answer.Errors));
        Assert.Equal(HttpStatusCode.OK, (await alice.GetAsync($"/v1/data/a?scope=space/{space}")).Status);
        (await alice.GetAsync("/v1/data/a?scope=user/alice")).AssertProblem(HttpStatusCode.NotFound, "scope_not_found");
    }

    public void Dispose() => _folder.Dispose();

    private void WriteCollection(string read = "true") =>
        Write("a.json", $$$"""{"scope":"space","rules":{"read":"{{{read}}}"},"fields":{}}""");

    private void Write(string file, string json) => File.WriteAllText(_folder.File(file), json);
}
