using System.Net;
using System.Text.Json.Nodes;
using Backend.Sync.V1;
using Functions.Tests.Fixtures;
using static Functions.Tests.Sync.ProtobufExchange;

namespace Functions.Tests.Sync;

/// <summary>The exchange in Protocol Buffers, seen from outside: by generated code, beside the same in JSON.</summary>
public class ProtobufApiTests(BackendFixture backend)
{
    private static readonly string[] OfTheMoment =
        ["cursor", "version", "$version", "stamp", "createdAt", "updatedAt", "etag", "serverTime"];

    /// <summary>What one client pushes, in its order; <c>{a}</c> and <c>{b}</c> are ids of the test.</summary>
    private const string Queue = """
        [{"op":"put","id":"{a}","fields":{"title":"Füße 🐦 \"\u0007","tags":["x","y"],"likes":3,"dueAt":"2026-05-17T08:31:00.000Z","done":null}},
         {"op":"patch","id":"{a}","fields":{"likes":{"$increment":-5},"tags":{"$add":["z","x"],"$remove":["y","q"]},"priority":{"$increment":2}}},
         {"op":"patch","id":"{a}","fields":{"tags":{"$add":[]},"body":"b"},"stamp":"019ca90e46780002","base":"0000000000000000"},
         {"op":"patch","id":"{a}","fields":{"likes":7}},
         {"op":"patch","id":"{a}","fields":{"title":{"$increment":1},"tags":{"$increment":1},"likes":{"$add":["x"]}}},
         {"op":"put","id":"{b}","fields":{"title":5,"colour":"red","priority":1.5,"tags":["a","a"]}},
         {"op":"put","id":"{b}","fields":{}},
         {"op":"put","id":"{b}"},
         {"op":"delete","id":"{a}","fields":{}},
         {"op":"burn","id":"{b}","fields":{"title":"b"}},
         {"op":"put","id":"not an id","fields":{"title":"b"}},
         {"op":"put","id":"{b}","scope":"user/nobody","fields":{"title":"b"}},
         {"op":"put","id":"{b}","fields":{"title":"b"},"sentAt":"2020-01-01T00:00:00Z"},
         {"op":"put","id":"{b}","fields":{"title":"b"},"group":"g"},
         {"op":"put","id":"{b}","collection":"notebooks","fields":{"name":"n","settings":
            {"n":[1.10,12345678901234567890,-0,0,1e40,0.1,9007199254740993],"deep":{"$increment":[null,true,{}]},"":[]}},"group":"g"},
         {"op":"put","id":"{b}","collection":"orders","fields":{"item":"pencil","quantity":2}},
         {"op":"put","id":"{a}x","collection":"orders","fields":{"item":"pencil","quantity":2,"price":1}},
         {"op":"patch","id":"{b}","fields":{"photo":null,"body":"c"}},
         {"op":"put","id":"{b}y","collection":"nothing","fields":{}},
         {"op":"put","id":"{b}z","fields":{"title":"gone"}},
         {"op":"delete","id":"{b}z"}]
        """;

    [Fact]
    public async Task The_same_exchange_has_the_same_results_and_records_in_both_formats()
    {
        BackendFixture.NeedsBatch();
        using var user = await backend.NewUserAsync();
        var (a, b) = (Guid.NewGuid().ToString("n"), Guid.NewGuid().ToString("n"));
        // Two users push the same, each in one format; what differs after is only who they are and what time it is.
        using var other = await backend.NewUserAsync();
        var one = (await user.PostAsync("/v1/sync", RequestOf(user, QueueOf(a, b)).ToJsonString())).Json;
        var two = await ExchangeAsync(other, RequestOf(other, QueueOf(a, b)));

        Assert.Equal(Comparable(JsonNode.Parse(one.GetRawText())!, user), Comparable(two, other));
        Assert.Equal(21, two["results"]!.AsArray().Count);
    }

    [Fact]
    public async Task A_pull_brings_the_same_records_removals_and_checksums_in_both_formats_and_cursors_are_good_for_both()
    {
        using var user = await backend.NewUserAsync();
        var (a, b) = (Guid.NewGuid().ToString("n"), Guid.NewGuid().ToString("n"));
        await ExchangeAsync(user, RequestOf(user, QueueOf(a, b)));

        var inJson = (await user.PostAsync("/v1/sync", Pull(user, null, 2).ToJsonString())).Json.GetProperty("changes")[0];
        var inProtobuf = await ExchangeAsync(user, Pull(user, null, 2));
        var first = inProtobuf["changes"]![0]!;
        Assert.True(first["hasMore"]!.GetValue<bool>());
        Assert.Equal(Records(JsonNode.Parse(inJson.GetRawText())!), Records(first));

        var rest = (await ExchangeAsync(user, Pull(user, inJson.GetProperty("cursor").GetString(), 100)))["changes"]![0]!;
        var restInJson = (await user.PostAsync("/v1/sync", Pull(user, first["cursor"]!.GetValue<string>(), 100).ToJsonString())).Json.GetProperty("changes")[0];
        Assert.Equal(Records(JsonNode.Parse(restInJson.GetRawText())!), Records(rest));
        Assert.Equal(restInJson.GetProperty("checksums").GetRawText(), rest["checksums"]!.ToJsonString());

        var copy = Newest([.. first["records"]!.AsArray(), .. rest["records"]!.AsArray()]);
        Assert.Equal(
            global::SyncClient.Checksum.Of(copy).Select(checksum => $"{checksum.Collection} {checksum.Count} {checksum.Hash}"),
            rest["checksums"]!.AsArray().Select(checksum => $"{checksum!["collection"]} {checksum["count"]} {checksum["hash"]}"));
    }

    [Fact]
    public async Task Conflicts_scopes_that_cannot_be_and_scopes_to_read_again_are_told_as_in_JSON()
    {
        using var user = await backend.NewUserAsync();
        using var stranger = await backend.NewUserAsync();
        var id = Guid.NewGuid().ToString("n");
        var request = RequestOf(user, JsonNode.Parse(
            $$"""
            [{"seq":1,"op":"put","collection":"notes","id":"{{id}}","fields":{"title":"a"},"base":"0000000000000000"},
             {"seq":2,"op":"delete","collection":"notes","id":"{{id}}"}]
            """)!.AsArray());
        await ExchangeAsync(user, request);

        var tablet = RequestOf(user, JsonNode.Parse(
            $$"""[{"seq":1,"op":"patch","collection":"notes","id":"{{id}}","fields":{"title":"b"},"base":"0000000000000001"}]""")!.AsArray());
        tablet["client"] = "tablet";
        tablet["pull"] = JsonNode.Parse($$"""[{"scope":"{{stranger.Scope}}"},{"scope":"{{user.Scope}}","cursor":"nonsense"}]""");
        var answer = await ExchangeAsync(user, tablet);
        var inJson = JsonNode.Parse((await user.PostAsync("/v1/sync", tablet.ToJsonString())).Bytes)!;

        Assert.Equal("conflict", answer["results"]![0]!["status"]!.GetValue<string>());
        Assert.True(answer["results"]![0]!["record"]!["deleted"]!.GetValue<bool>());
        Assert.True(answer["changes"]![0]!["revoked"]!.GetValue<bool>());
        Assert.True(answer["changes"]![1]!["resync"]!.GetValue<bool>());
        Assert.Equal(Comparable(inJson, user), Comparable(answer, user));

        var alone = await SendAsync(user, new JsonObject { ["pull"] = JsonNode.Parse($$"""[{"scope":"{{stranger.Scope}}"}]""") });
        alone.AssertProblem(HttpStatusCode.NotFound, "scope_not_found");
        var old = await SendAsync(user, new JsonObject { ["schema"] = 99, ["limit"] = -1, ["push"] = new JsonArray(new JsonObject { ["seq"] = -3 }) });
        old.AssertProblem(HttpStatusCode.BadRequest, "validation_failed");
        Assert.Equal(["$.client required", "$.schema out_of_range", "$.limit out_of_range", "$.push[0].seq not_ascending"], old.Errors);
    }

    [Theory]
    [InlineData("application/json", null, "application/json")]
    [InlineData("application/json", "*/*", "application/json")]
    [InlineData("application/json", MediaType, MediaType)]
    [InlineData("application/json", "application/json;q=0.5, application/x-protobuf", MediaType)]
    [InlineData("application/json", "application/json; charset=utf-8", "application/json")]
    [InlineData(MediaType, null, MediaType)]
    [InlineData(MediaType, "*/*", MediaType)]
    [InlineData(MediaType, "text/html, application/*;q=0.1", MediaType)]
    [InlineData(MediaType, "application/json", "application/json")]
    [InlineData(MediaType, "application/x-protobuf;q=0, */*;q=0.1", "application/json")]
    [InlineData("application/protobuf", null, "application/protobuf")]
    [InlineData("application/protobuf", "application/json, application/x-protobuf", "application/json")]
    [InlineData("APPLICATION/X-Protobuf; messageType=SyncRequest", null, MediaType)]
    public async Task The_answer_is_in_the_format_that_the_client_likes_best(string contentType, string? accept, string expected)
    {
        using var user = await backend.NewUserAsync();
        var answer = await SendAsync(user, Pull(user, null, 10), contentType, accept);

        Assert.Equal((HttpStatusCode.OK, expected), (answer.Status, answer.ContentType));
        var json = expected == "application/json" ? JsonNode.Parse(answer.Bytes)! : SyncWire.JsonOf(SyncResponse.Parser.ParseFrom(answer.Bytes));
        Assert.Equal(user.Scope, json["changes"]![0]!["scope"]!.GetValue<string>());
    }

    internal static JsonArray QueueOf(string a, string b)
    {
        var queue = JsonNode.Parse(Queue.Replace("{a}", a, StringComparison.Ordinal).Replace("{b}", b, StringComparison.Ordinal))!.AsArray();
        foreach (var (i, mutation) in queue.Index())
        {
            mutation!["seq"] = i + 1;
            mutation["collection"] ??= "notes";
        }

        return queue;
    }

    private static string Records(JsonNode changes) => changes["records"]!.ToJsonString() + changes["removed"]!.ToJsonString();

    private static List<JsonObject> Newest(IEnumerable<JsonNode?> records) =>
        [.. records.Select(record => JsonNode.Parse(record!.ToJsonString())!.AsObject()).GroupBy(record => $"{record["collection"]} {record["id"]}").Select(group => group.Last())];

    /// <summary>Without what two requests that come one after the other cannot have in common.</summary>
    private static string Comparable(JsonNode answer, ApiClient user)
    {
        Forget(answer);
        return answer.ToJsonString().Replace(user.User, "somebody", StringComparison.Ordinal);

        static void Forget(JsonNode? node)
        {
            if (node is JsonArray array)
            {
                foreach (var element in array)
                {
                    Forget(element);
                }

                if (array is [JsonObject first, ..] && first.ContainsKey("etag"))
                {
                    // Records that one exchange has written at once have no order among themselves.
                    var sorted = array.OrderBy(record => $"{record!["collection"]}/{record["id"]}", StringComparer.Ordinal).ToList();
                    array.Clear();
                    sorted.ForEach(array.Add);
                }
            }
            else if (node is JsonObject json)
            {
                foreach (var name in OfTheMoment.Where(json.ContainsKey))
                {
                    json[name] = json[name] is null ? null : "some";
                }

                foreach (var (_, value) in json)
                {
                    Forget(value);
                }
            }
        }
    }

}

public sealed class CosmosProtobufApiTests(CosmosBackendFixture backend) : ProtobufApiTests(backend), IClassFixture<CosmosBackendFixture>;
