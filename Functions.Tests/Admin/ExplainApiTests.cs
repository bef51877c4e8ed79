using System.Net;
using System.Text.Json.Nodes;
using Functions.Tests.Fixtures;

namespace Functions.Tests.Admin;

public sealed class ExplainApiTests(BackendFixture backend)
{
    private const string Path = "/v1/admin/rules:explain";

    [Fact]
    public async Task Only_callers_with_the_role_may_ask()
    {
        using var alice = await backend.NewUserAsync();
        using var nobody = backend.Anonymous();

        (await alice.PostAsync(Path, Request("read", "notes"))).AssertProblem(HttpStatusCode.Forbidden, "forbidden");
        Assert.Equal(HttpStatusCode.Unauthorized, (await nobody.PostAsync(Path, Request("read", "notes"))).Status);
    }

    [Fact]
    public async Task A_stored_record_is_explained_clause_by_clause()
    {
        using var admin = await backend.NewAdminAsync();
        using var alice = await backend.NewUserAsync();
        var order = await alice.PostAsync("/v1/data/orders", """{"item":"pencil","quantity":1}""");

        var answer = await admin.PostAsync(Path, Request("read", "orders", alice.User, ("id", order.Id)));

        Assert.Equal(HttpStatusCode.OK, answer.Status);
        var json = answer.Json;
        Assert.True(json.GetProperty("allowed").GetBoolean());
        Assert.Equal((alice.Scope, true, "read"), (
            json.GetProperty("scope").GetString(), json.GetProperty("entersScope").GetBoolean(), json.GetProperty("decidedBy").GetString()));
        var rule = Assert.Single(json.GetProperty("rules").EnumerateArray());
        Assert.Equal(("read", "record.owner == user.id"), (rule.GetProperty("operation").GetString(), rule.GetProperty("rule").GetString()));
        var clause = Assert.Single(rule.GetProperty("clauses").EnumerateArray());
        Assert.Equal(("record.owner == user.id", 0, true, true), (
            clause.GetProperty("text").GetString(), clause.GetProperty("position").GetInt32(),
            clause.GetProperty("value").GetBoolean(), clause.GetProperty("decided").GetBoolean()));
        Assert.Equal(
            [$"record.owner=\"{alice.User}\"", $"user.id=\"{alice.User}\""],
            clause.GetProperty("names").EnumerateArray().Select(name => $"{name.GetProperty("name")}={name.GetProperty("value")}"));
    }

    [Fact]
    public async Task A_scope_that_the_caller_does_not_reach_decides_and_the_rules_are_shown_all_the_same()
    {
        using var admin = await backend.NewAdminAsync();
        using var alice = await backend.NewUserAsync();
        var order = await alice.PostAsync("/v1/data/orders", """{"item":"pencil","quantity":1}""");

        var json = (await admin.PostAsync(Path, Request("update", "orders", "bob", ("id", order.Id), ("scope", alice.Scope)))).Json;

        Assert.Equal((false, false, "scope"), (
            json.GetProperty("allowed").GetBoolean(), json.GetProperty("entersScope").GetBoolean(), json.GetProperty("decidedBy").GetString()));
        Assert.Equal(
            ["read False", "update False"],
            json.GetProperty("rules").EnumerateArray().Select(rule => $"{rule.GetProperty("operation")} {rule.GetProperty("allowed")}"));
    }

    [Fact]
    public async Task A_record_that_is_stated_needs_no_store()
    {
        using var admin = await backend.NewAdminAsync();
        var record = new JsonObject { ["displayName"] = "Bob", ["owner"] = "bob", ["etag"] = "7", ["deleted"] = false };

        var mine = await admin.PostAsync(Path, Request("update", "profiles", "bob", ("record", record.DeepClone()), ("changes", new JsonObject { ["about"] = "x" })));
        var theirs = await admin.PostAsync(Path, Request("delete", "profiles", "eve", ("record", record.DeepClone())));

        Assert.True(mine.Json.GetProperty("allowed").GetBoolean());
        Assert.Equal((false, "delete"), (theirs.Json.GetProperty("allowed").GetBoolean(), theirs.Json.GetProperty("decidedBy").GetString()));
        Assert.Equal("public/profiles", theirs.Json.GetProperty("scope").GetString());
    }

    [Theory]
    [InlineData("editor", true, "create")]
    [InlineData("viewer", false, "create")]
    [InlineData(null, false, "scope")]
    public async Task A_role_in_a_space_can_be_assumed(string? role, bool allowed, string decidedBy)
    {
        using var admin = await backend.NewAdminAsync();
        var request = JsonNode.Parse(Request("create", "notes", "bob", ("scope", "space/s1"), ("record", new JsonObject { ["title"] = "a" })));
        Assert.NotNull(request);
        ((JsonObject?)request["caller"])?.Add("spaceRole", role);

        var json = (await admin.PostAsync(Path, request.ToJsonString())).Json;

        Assert.Equal((allowed, decidedBy), (json.GetProperty("allowed").GetBoolean(), json.GetProperty("decidedBy").GetString()));
        Assert.Equal(role is not null, json.GetProperty("entersScope").GetBoolean());
    }

    [Fact]
    public async Task A_create_is_checked_as_the_caller_would_send_it()
    {
        using var admin = await backend.NewAdminAsync();

        var good = await admin.PostAsync(Path, Request("create", "orders", "bob", ("record", new JsonObject { ["item"] = "pencil", ["quantity"] = 1 })));
        var priced = await admin.PostAsync(Path, Request("create", "orders", "bob", ("record", new JsonObject { ["item"] = "pencil", ["quantity"] = 1, ["price"] = 1 })));

        Assert.True(good.Json.GetProperty("allowed").GetBoolean());
        Assert.Equal(["$.record.price server_only"], priced.Errors);
    }

    [Theory]
    [InlineData("""{"operation":"read","collection":"notes","id":"a"}""", "$ required")]
    [InlineData("""{"caller":{"id":"a"},"operation":"look","collection":"notes","id":"a"}""", "$.operation wrong_type")]
    [InlineData("""{"caller":{"id":"a"},"operation":1,"collection":"notes","id":"a"}""", "$.operation wrong_type")]
    [InlineData("""{"caller":{"id":""},"operation":"read","collection":"notes"}""", "$.caller.id invalid_subject", "$.id required")]
    [InlineData("""{"caller":{"id":"a"},"operation":"create","collection":"notes","id":"a"}""", "$.record required")]
    [InlineData("""{"caller":{"id":"a"},"operation":"read","collection":"notes","id":"a","record":{}}""", "$.id duplicate")]
    [InlineData("""{"caller":{"id":"a"},"operation":"read","collection":"notes","id":"a/b","changes":{}}""", "$.id invalid_id", "$.changes not_supported")]
    [InlineData("""{"caller":{"id":"a"},"operation":"read","collection":"notes","record":[]}""", "$.record wrong_type")]
    [InlineData("""{"caller":{"id":"a"},"operation":"update","collection":"notes","record":{"title":1,"x":2,"createdAt":"now"}}""", "$.record.createdAt wrong_type", "$.record.title wrong_type", "$.record.x unknown_field")]
    [InlineData("""{"caller":{"id":"a"},"operation":"update","collection":"notes","record":{"title":"a"},"changes":{"title":1}}""", "$.changes.title wrong_type")]
    public async Task A_wrong_request_is_answered_with_every_place(string body, params string[] errors)
    {
        using var admin = await backend.NewAdminAsync();

        var answer = await admin.PostAsync(Path, body);

        answer.AssertProblem(HttpStatusCode.BadRequest, "validation_failed");
        Assert.Equal(errors.Order(StringComparer.Ordinal), answer.Errors.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task What_is_not_there_is_said_to_be_missing()
    {
        using var admin = await backend.NewAdminAsync();

        (await admin.PostAsync(Path, Request("read", "nothing", "a", ("id", "x")))).AssertProblem(HttpStatusCode.NotFound, "collection_not_found");
        (await admin.PostAsync(Path, Request("read", "notes", "a", ("id", "x")))).AssertProblem(HttpStatusCode.NotFound, "record_not_found");
        (await admin.PostAsync(Path, Request("read", "notes", "a", ("id", "x"), ("scope", "moon/1")))).AssertProblem(HttpStatusCode.NotFound, "scope_not_found");
        (await admin.PostAsync(Path, Request("read", "notes", "a", ("id", "x"), ("scope", "system/model")))).AssertProblem(HttpStatusCode.NotFound, "scope_not_found");
    }

    private static string Request(string operation, string collection, string caller = "alice", params (string Name, JsonNode Value)[] more)
    {
        var request = new JsonObject
        {
            ["caller"] = new JsonObject { ["id"] = caller },
            ["operation"] = operation,
            ["collection"] = collection,
        };
        foreach (var (name, value) in more)
        {
            request[name] = value;
        }

        return request.ToJsonString();
    }
}
