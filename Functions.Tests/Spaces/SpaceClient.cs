using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using Functions.Tests.Fixtures;

namespace Functions.Tests.Spaces;

/// <summary>What the tests of spaces do again and again, over HTTP alone.</summary>
internal static class SpaceClient
{
    public static async Task<string> CreateSpaceAsync(this ApiClient client, string name = "Birds")
    {
        var created = await client.PostAsync("/v1/spaces", new JsonObject { ["name"] = name }.ToJsonString());
        Assert.Equal(HttpStatusCode.Created, created.Status);
        return created.Id;
    }

    /// <summary>The token of a new invitation.</summary>
    public static async Task<string> InviteAsync(this ApiClient client, string space, string role = "editor", int uses = 1)
    {
        var invited = await client.PostAsync(
            $"/v1/spaces/{space}/invitations", new JsonObject { ["role"] = role, ["uses"] = uses }.ToJsonString());
        Assert.Equal(HttpStatusCode.Created, invited.Status);
        return invited.Json.GetProperty("token").GetString() ?? "";
    }

    public static Task<ApiAnswer> JoinAsync(this ApiClient client, string token) =>
        client.PostAsync("/v1/spaces:join", new JsonObject { ["invitation"] = token }.ToJsonString());

    /// <summary>Has one user let another in.</summary>
    public static async Task LetInAsync(this ApiClient owner, string space, ApiClient guest, string role)
    {
        var joined = await guest.JoinAsync(await owner.InviteAsync(space, role));
        Assert.Equal((HttpStatusCode.OK, role), (joined.Status, joined.Json.GetProperty("role").GetString()));
    }

    public static Task<ApiAnswer> SetRoleAsync(this ApiClient client, string space, string user, string role) =>
        client.PutAsync(MemberPath(space, user), new JsonObject { ["role"] = role }.ToJsonString());

    public static string MemberPath(string space, string user) => $"/v1/spaces/{space}/members/{Uri.EscapeDataString(user)}";

    /// <summary>The members with their roles, as <c>name role</c>.</summary>
    public static async Task<IReadOnlyList<string>> MembersAsync(this ApiClient client, string space)
    {
        var answer = await client.GetAsync($"/v1/spaces/{space}");
        Assert.Equal(HttpStatusCode.OK, answer.Status);
        return [.. answer.Json.GetProperty("members").EnumerateObject()
            .Select(member => $"{member.Name} {member.Value.GetProperty("role").GetString()}").Order(StringComparer.Ordinal)];
    }

    /// <summary>The ids of the caller's spaces.</summary>
    public static async Task<IReadOnlyList<string>> ListSpacesAsync(this ApiClient client)
    {
        var answer = await client.GetAsync("/v1/spaces");
        Assert.Equal(HttpStatusCode.OK, answer.Status);
        Assert.Equal(JsonValueKind.Null, answer.Json.GetProperty("next").ValueKind);
        return [.. answer.Json.GetProperty("items").EnumerateArray().Select(space => space.GetProperty("id").GetString() ?? "")];
    }

    public static Task<ApiAnswer> PullScopeAsync(this ApiClient client, string scope, string? cursor = null, params string[] others)
    {
        var pull = new JsonArray(new JsonObject { ["scope"] = scope, ["cursor"] = cursor });
        foreach (var other in others)
        {
            pull.Add(new JsonObject { ["scope"] = other });
        }

        return client.PostAsync("/v1/sync", new JsonObject { ["pull"] = pull }.ToJsonString());
    }

    /// <summary>Pulls a scope to its end.</summary>
    public static async Task<(IReadOnlyList<JsonElement> Records, string? Cursor)> PullAllAsync(
        this ApiClient client, string scope, string? cursor = null)
    {
        var records = new List<JsonElement>();
        bool hasMore;
        do
        {
            var answer = await client.PullScopeAsync(scope, cursor);
            Assert.Equal(HttpStatusCode.OK, answer.Status);
            var changes = answer.Json.GetProperty("changes")[0];
            Assert.False(changes.TryGetProperty("revoked", out _) || changes.TryGetProperty("resync", out _));
            records.AddRange(changes.GetProperty("records").EnumerateArray());
            cursor = changes.GetProperty("cursor").GetString();
            hasMore = changes.GetProperty("hasMore").GetBoolean();
        }
        while (hasMore);

        return (records, cursor);
    }

    /// <summary>Of records of a pull, the ids of one collection.</summary>
    public static IReadOnlyList<string?> IdsOf(this IEnumerable<JsonElement> records, string collection) =>
        [.. records.Where(record => record.GetProperty("collection").GetString() == collection)
            .Select(record => record.GetProperty("id").GetString())];
}
