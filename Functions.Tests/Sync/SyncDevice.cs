using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using Functions.Tests.Fixtures;

namespace Functions.Tests.Sync;

/// <summary>A client's hands on the wire of sync, one message at a time; it keeps nothing but its number of mutations.</summary>
internal sealed class SyncDevice(ApiClient user, string? client = null)
{
    /// <summary>What a client says that has seen nothing of a record.</summary>
    public const string Nothing = "0000000000000000";

    private long _seq;

    public string Client { get; } = client ?? $"device-{Guid.NewGuid():n}";

    public ApiClient User => user;

    public JsonObject Put(string id, string fields, string collection = "notes") => Mutation("put", id, fields, collection);

    public JsonObject Patch(string id, string fields, string collection = "notes") => Mutation("patch", id, fields, collection);

    public JsonObject Delete(string id, string collection = "notes") => Mutation("delete", id, null, collection);

    public async Task<JsonElement[]> PushAsync(params JsonObject[] mutations) =>
        [.. (await ExchangeAsync(mutations)).GetProperty("results").EnumerateArray()];

    /// <summary>Pushes one mutation and expects how it ends.</summary>
    public async Task<JsonElement> PushAsync(JsonObject mutation, string status)
    {
        var result = Assert.Single(await PushAsync(mutation));
        Assert.Equal((status, mutation["seq"]?.GetValue<long>()), (result.GetProperty("status").GetString(), result.GetProperty("seq").GetInt64()));
        return result;
    }

    public async Task<JsonElement> ExchangeAsync(JsonObject[] mutations, params JsonObject[] pulls)
    {
        var answer = await SendAsync(mutations, pulls);
        Assert.True(answer.Status is HttpStatusCode.OK, $"{answer.Status}: {answer.Json}");
        return answer.Json;
    }

    public Task<ApiAnswer> SendAsync(JsonObject[] mutations, params JsonObject[] pulls) => user.PostAsync("/v1/sync", new JsonObject
    {
        ["client"] = Client,
        ["push"] = new JsonArray([.. mutations.Select(mutation => mutation.DeepClone())]),
        ["pull"] = new JsonArray([.. pulls.Select(pull => pull.DeepClone())]),
    }.ToJsonString());

    public async Task<JsonElement> ReadAsync(string id, string collection = "notes") =>
        (await user.GetAsync($"/v1/data/{collection}/{id}")).Json;

    /// <summary>The mutation as made on a record that the client had at a version.</summary>
    public static JsonObject On(JsonObject mutation, string version)
    {
        mutation["base"] = version;
        return mutation;
    }

    /// <summary>The mutation as made at a time; in milliseconds, so that tests can tell which is later.</summary>
    public static JsonObject At(JsonObject mutation, DateTimeOffset time)
    {
        mutation["stamp"] = (time.ToUnixTimeMilliseconds() << 16).ToString("x16", System.Globalization.CultureInfo.InvariantCulture);
        return mutation;
    }

    private JsonObject Mutation(string op, string id, string? fields, string collection)
    {
        var mutation = new JsonObject { ["seq"] = ++_seq, ["op"] = op, ["collection"] = collection, ["id"] = id };
        if (fields is not null)
        {
            mutation["fields"] = JsonNode.Parse(fields);
        }

        return mutation;
    }
}
