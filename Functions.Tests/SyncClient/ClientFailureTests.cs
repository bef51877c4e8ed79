using System.Text;
using System.Text.Json.Nodes;
using SyncClient;
using Client = SyncClient.Client;

namespace Functions.Tests.SyncClient;

/// <summary>What the reference client does with each answer that is none, as the table in docs/sync-protocol.md says.</summary>
public sealed class ClientFailureTests : ITransport
{
    private const string Nothing = """{"results":[],"changes":[],"serverTime":"2026-01-01T00:00:00.000Z"}""";

    private readonly MemoryStore _store = new();
    private readonly List<JsonObject> _requests = [];
    private Func<JsonObject, SyncReply?> _answer = _ => null;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Waits_grow_until_the_server_answers_and_heed_what_it_asks_for()
    {
        var client = Start();
        foreach (var seconds in new[] { 1, 2, 4, 8 })
        {
            Assert.Equal(ExchangeOutcome.Later, await client.ExchangeOnceAsync(Ct));
            Assert.InRange(client.Delay.TotalSeconds, seconds / 2.0, seconds);
        }

        _answer = _ => new SyncReply(503, []) { RetryAfter = TimeSpan.FromMinutes(10) };
        await client.ExchangeOnceAsync(Ct);
        Assert.Equal((TimeSpan.FromMinutes(10), 503), (client.Delay, client.Problem?.Status));
        _answer = _ => Ok(Nothing);
        await client.ExchangeOnceAsync(Ct);
        Assert.Equal(TimeSpan.Zero, client.Delay);
        Assert.Null(client.Problem);
    }

    [Theory]
    [InlineData(401, """{"code":"unauthenticated"}""", ExchangeOutcome.SignInNeeded)]
    [InlineData(400, """{"code":"validation_failed","errors":[{"path":"$.client","code":"invalid_id"}]}""", ExchangeOutcome.Failed)]
    [InlineData(400, """{"code":"validation_failed","errors":[{"path":"$.schema","code":"out_of_range"}]}""", ExchangeOutcome.Later)]
    [InlineData(406, """{"code":"not_acceptable"}""", ExchangeOutcome.Failed)]
    [InlineData(415, "", ExchangeOutcome.Failed)]
    [InlineData(429, "", ExchangeOutcome.Later)]
    [InlineData(502, "<html>Bad gateway</html>", ExchangeOutcome.Later)]
    [InlineData(200, "<html>Please sign in to this Wi-Fi</html>", ExchangeOutcome.Later)]
    [InlineData(200, """{"signIn":true}""", ExchangeOutcome.Later)]
    public async Task An_answer_that_is_none_loses_nothing(int status, string body, ExchangeOutcome expected)
    {
        var client = Start();
        client.Put(Note, new JsonObject { ["title"] = "a" });
        _answer = _ => new SyncReply(status, Encoding.UTF8.GetBytes(body));

        Assert.Equal(expected, await client.SyncAsync(Ct));

        Assert.Equal((1, 1, status), (_requests.Count, client.Queued, client.Problem?.Status));
        Assert.Equal(1, Start().Queued);
    }

    [Fact]
    public async Task An_app_that_is_too_old_sends_nothing_more_until_it_is_updated()
    {
        var client = Start(schema: 1);
        client.Put(Note, new JsonObject { ["title"] = "a" });
        _answer = request => (int?)request["schema"] == 1
            ? new SyncReply(426, """{"code":"schema_too_old","errors":[{"path":"notes.old","code":"removed"}]}"""u8.ToArray())
            : Applied(request);

        Assert.Equal(ExchangeOutcome.UpdateNeeded, await client.SyncAsync(Ct));
        Assert.Equal(("notes.old", "removed"), client.Problem?.Errors[0]);
        Assert.Equal(ExchangeOutcome.UpdateNeeded, await client.SyncAsync(Ct));
        Assert.Single(_requests);

        var updated = Start(schema: 2);
        Assert.Equal(ExchangeOutcome.Done, await updated.SyncAsync(Ct));
        Assert.Equal(0, updated.Queued);
    }

    [Theory]
    [InlineData("""{"code":"payload_too_large"}""", 413)]
    [InlineData("""{"code":"validation_failed","errors":[{"path":"$.push","code":"too_many"}]}""", 400)]
    public async Task A_push_that_is_too_much_is_halved_until_it_is_not_and_groups_stay_whole(string problem, int status)
    {
        var client = Start();
        for (var i = 0; i < 8; i++)
        {
            client.Put(Note with { Id = $"n{i}" }, new JsonObject { ["title"] = "a" }, group: i is 3 or 4 ? "g" : null);
        }

        client.Put(Note with { Id = "huge" }, new JsonObject { ["title"] = "huge" });
        _answer = request => PushOf(request).Count > 2 || request.ToJsonString().Contains("huge", StringComparison.Ordinal)
            ? new SyncReply(status, Encoding.UTF8.GetBytes(problem))
            : Applied(request);

        Assert.Equal(ExchangeOutcome.Done, await client.SyncAsync(Ct));

        var refusal = Assert.Single(client.Refusals); // alone it was too much, too
        Assert.Equal(("huge", "payload_too_large"), (refusal.Mutation.Record.Id, refusal.Code));
        Assert.Contains(_requests, request => PushOf(request).Count == 2 && PushOf(request).All(mutation => (string?)mutation!["group"] == "g"));
        Assert.Equal(0, client.Queued);
    }

    [Fact]
    public async Task A_cursor_that_is_none_is_mended()
    {
        _answer = _ => Ok("""{"results":[],"changes":[{"scope":"user/a","cursor":"old","hasMore":false,"records":[],"removed":[]}],"serverTime":"2026-01-01T00:00:00.000Z"}""");
        var client = Start();
        await client.SyncAsync(Ct);
        _answer = request => (string?)request["pull"]![0]!["cursor"] == "old"
            ? new SyncReply(400, """{"code":"validation_failed","errors":[{"path":"$.pull[0].cursor","code":"invalid_cursor"}]}"""u8.ToArray())
            : Ok(Nothing);

        Assert.Equal(ExchangeOutcome.More, await client.ExchangeOnceAsync(Ct));
        await client.ExchangeOnceAsync(Ct);

        Assert.Null(_requests[^1]["pull"]![0]!["cursor"]);
    }

    [Fact]
    public async Task A_scope_that_is_lost_takes_its_copy_and_its_queue_along()
    {
        _answer = _ => Ok("""
            {"results":[],"changes":[{"scope":"user/a","cursor":"x","hasMore":false,"removed":[],
            "records":[{"scope":"user/a","collection":"notes","id":"n1","$version":"0000000000000001"}]}],"serverTime":"2026-01-01T00:00:00.000Z"}
            """);
        var client = Start();
        await client.SyncAsync(Ct);
        _answer = _ =>
        {
            client.Patch(Note, new JsonObject { ["title"] = "typed meanwhile" });
            return new SyncReply(404, """{"code":"scope_not_found"}"""u8.ToArray());
        };

        Assert.Equal(ExchangeOutcome.Done, await client.SyncAsync(Ct));

        Assert.Empty(client.CopyOf("user/a"));
        Assert.Equal("revoked", Assert.Single(client.Refusals).Status);
    }

    [Fact]
    public async Task A_scope_that_is_left_during_an_exchange_is_not_kept_and_not_pulled_on()
    {
        var client = Start();
        _answer = _ =>
        {
            client.Leave("user/a");
            return Ok("""
                {"results":[],"changes":[{"scope":"user/a","cursor":"x","hasMore":true,"removed":[],
                "records":[{"scope":"user/a","collection":"notes","id":"n1","$version":"0000000000000001"}]}],"serverTime":"2026-01-01T00:00:00.000Z"}
                """);
        };

        Assert.Equal(ExchangeOutcome.Done, await client.SyncAsync(Ct));

        Assert.Empty(client.CopyOf("user/a"));
        Assert.Single(_requests);
    }

    [Fact]
    public async Task A_checksum_that_never_agrees_is_not_asked_for_again_without_a_wait()
    {
        _answer = _ => Ok("""
            {"results":[],"changes":[{"scope":"user/a","cursor":"x","hasMore":false,"records":[],"removed":[],
            "checksums":[{"collection":"notes","count":1,"hash":"0"}]}],"serverTime":"2026-01-01T00:00:00.000Z"}
            """);
        var client = Start();

        Assert.Equal(ExchangeOutcome.Later, await client.SyncAsync(Ct));

        Assert.Equal((2, 2), (_requests.Count, client.Mismatches));
        Assert.True(client.Delay > TimeSpan.Zero);
    }

    [Fact]
    public void A_client_whose_store_has_failed_takes_no_more_edits()
    {
        var client = Start();
        _store.Fails = true;
        Assert.Throws<IOException>(() => client.Put(Note, new JsonObject { ["title"] = "a" }));
        _store.Fails = false;

        Assert.Throws<InvalidOperationException>(() => client.Put(Note, new JsonObject { ["title"] = "b" }));
        Assert.Equal((0, 1), (Start().Queued, (int)Start().NextSeq));
    }

    public Task<SyncReply?> SendAsync(SyncMessage message, CancellationToken ct)
    {
        var request = JsonNode.Parse(message.Body ?? [])!.AsObject();
        _requests.Add(request);
        return Task.FromResult(_answer(request));
    }

    private static RecordAddress Note => new("user/a", "notes", "n1");

    private static JsonArray PushOf(JsonObject request) => request["push"]!.AsArray();

    private static SyncReply Ok(string body) => new(200, Encoding.UTF8.GetBytes(body));

    private static SyncReply Applied(JsonObject request) => Ok(new JsonObject
    {
        ["results"] = new JsonArray([.. PushOf(request).Select(mutation => new JsonObject
        {
            ["seq"] = (long)mutation!["seq"]!, ["status"] = "applied", ["version"] = "0000000000000001",
        })]),
        ["changes"] = new JsonArray(new JsonObject
        {
            ["scope"] = "user/a", ["cursor"] = "x", ["hasMore"] = false, ["records"] = new JsonArray(), ["removed"] = new JsonArray(),
        }),
        ["serverTime"] = "2026-01-01T00:00:00.000Z",
    }.ToJsonString());

    private Client Start(int? schema = null) => new(_store, "c", ["user/a"], TimeProvider.System, this)
    {
        Schema = schema,
        Verifies = true,
    };

    private sealed class MemoryStore : ILocalStore
    {
        private readonly Dictionary<string, string> _values = [];

        public bool Fails { get; set; }

        public IReadOnlyDictionary<string, string> Load() => _values.ToDictionary();

        public void Commit(IReadOnlyDictionary<string, string?> changes)
        {
            if (Fails)
            {
                throw new IOException("No space left on device");
            }

            foreach (var (key, value) in changes)
            {
                _values.Remove(key);
                if (value is not null)
                {
                    _values.Add(key, value);
                }
            }
        }
    }
}
