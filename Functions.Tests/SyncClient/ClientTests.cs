using System.Text.Json.Nodes;
using Functions.Tests.Fixtures;
using SyncClient;
using Client = SyncClient.Client;

namespace Functions.Tests.SyncClient;

/// <summary>The reference client over HTTP, on a real file.</summary>
public sealed class ClientTests(BackendFixture backend)
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Two_devices_end_with_the_same_records_which_the_checksums_confirm()
    {
        using var user = await backend.NewUserAsync();
        using var folder = new TempFolder();
        var (phone, tablet) = (Start(user, folder.File("phone")), Start(user, folder.File("tablet")));
        var note = new RecordAddress(user.Scope, "notes", "n1");
        phone.Put(note, new JsonObject { ["title"] = "a", ["tags"] = new JsonArray("x"), ["likes"] = 1 });
        for (var i = 0; i < 25; i++)
        {
            phone.Put(note with { Id = $"more-{i}" }, new JsonObject { ["title"] = $"ünï \"{i}\"\t\u0001" });
        }

        Assert.True(await phone.SyncAsync(Ct));
        Assert.True(await tablet.SyncAsync(Ct));
        phone.Patch(note, new JsonObject { ["likes"] = new JsonObject { ["$increment"] = 2 } });
        tablet.Patch(note, new JsonObject { ["likes"] = new JsonObject { ["$increment"] = 3 }, ["tags"] = new JsonObject { ["$add"] = new JsonArray("y") } });
        Assert.Equal(4, (int?)tablet.Read(note)?["likes"]);
        foreach (var device in new[] { phone, tablet, phone })
        {
            Assert.True(await device.SyncAsync(Ct));
        }

        Assert.Equal(6, (int?)phone.Read(note)?["likes"]);
        Assert.Equal(phone.CopyOf(user.Scope).Select(record => record.Value.ToJsonString()), tablet.CopyOf(user.Scope).Select(record => record.Value.ToJsonString()));
        Assert.Equal((0, 0, 26), (phone.Mismatches, tablet.Mismatches, phone.CopyOf(user.Scope).Count));
    }

    [Fact]
    public async Task A_client_that_starts_again_goes_on_from_its_file()
    {
        using var user = await backend.NewUserAsync();
        using var folder = new TempFolder();
        var note = new RecordAddress(user.Scope, "notes", "n1");
        var first = Start(user, folder.File("phone"));
        first.Put(note, new JsonObject { ["title"] = "offline" });

        var second = Start(user, folder.File("phone"));
        Assert.Equal(("offline", 1), ((string?)second.Read(note)?["title"], second.Queued));
        Assert.True(await second.SyncAsync(Ct));

        var third = Start(user, folder.File("phone"));
        Assert.Equal(("offline", 0, 2), ((string?)third.Read(note)?["title"], third.Queued, (int)third.NextSeq));
    }

    [Fact]
    public async Task What_is_refused_is_taken_back_and_kept_for_the_app_to_see()
    {
        using var user = await backend.NewUserAsync();
        using var folder = new TempFolder();
        var phone = Start(user, folder.File("phone"));
        var note = new RecordAddress(user.Scope, "notes", "n1");
        phone.Put(note, new JsonObject { ["title"] = "a" });
        Assert.True(await phone.SyncAsync(Ct));
        phone.Patch(note, new JsonObject { ["priority"] = 99 });
        Assert.Equal(99, (int?)phone.Read(note)?["priority"]);

        Assert.True(await phone.SyncAsync(Ct));

        Assert.Null(phone.Read(note)?["priority"]);
        Assert.Equal(("rejected", "validation_failed"), (phone.Refusals[0].Status, phone.Refusals[0].Code));
    }

    [Fact]
    public async Task A_copy_that_does_not_agree_is_read_anew()
    {
        using var user = await backend.NewUserAsync();
        using var folder = new TempFolder();
        var phone = Start(user, folder.File("phone"));
        var note = new RecordAddress(user.Scope, "notes", "n1");
        phone.Put(note, new JsonObject { ["title"] = "right" });
        Assert.True(await phone.SyncAsync(Ct));
        var file = await File.ReadAllTextAsync(folder.File("phone"), Ct);
        await File.WriteAllTextAsync(folder.File("phone"), file.Replace("right", "wrong", StringComparison.Ordinal), Ct);

        var damaged = Start(user, folder.File("phone"));
        Assert.Equal("wrong", (string?)damaged.Read(note)?["title"]);
        Assert.True(await damaged.SyncAsync(Ct));

        Assert.Equal(("right", 1), ((string?)damaged.Read(note)?["title"], damaged.Mismatches));
    }

    [Fact]
    public async Task Waits_grow_until_the_server_answers_and_heed_what_it_asks_for()
    {
        using var folder = new TempFolder();
        SyncReply? reply = null;
        var client = new Client(new FileStore(folder.File("c")), "c", [], TimeProvider.System, (_, _) => Task.FromResult(reply));
        foreach (var seconds in new[] { 1, 2, 4, 8 })
        {
            Assert.Equal(ExchangeOutcome.Later, await client.ExchangeOnceAsync(Ct));
            Assert.InRange(client.Delay.TotalSeconds, seconds / 2.0, seconds);
        }

        reply = new SyncReply(503, []) { RetryAfter = TimeSpan.FromMinutes(10) };
        await client.ExchangeOnceAsync(Ct);
        Assert.Equal(TimeSpan.FromMinutes(10), client.Delay);
        reply = new SyncReply(200, """{"results":[],"changes":[],"serverTime":"2026-01-01T00:00:00.000Z"}"""u8.ToArray());
        await client.ExchangeOnceAsync(Ct);
        Assert.Equal(TimeSpan.Zero, client.Delay);
    }

    [Fact]
    public async Task A_checksum_that_never_agrees_is_not_asked_for_again_without_a_wait()
    {
        using var folder = new TempFolder();
        var requests = 0;
        var client = new Client(new FileStore(folder.File("c")), "c", ["user/a"], TimeProvider.System, (_, _) =>
        {
            requests++;
            return Task.FromResult<SyncReply?>(new SyncReply(200, """
                {"results":[],"changes":[{"scope":"user/a","cursor":"x","hasMore":false,"records":[],"removed":[],
                "checksums":[{"collection":"notes","count":1,"hash":"0"}]}],"serverTime":"2026-01-01T00:00:00.000Z"}
                """u8.ToArray()));
        });

        Assert.False(await client.SyncAsync(Ct));
        Assert.Equal((2, 2), (requests, client.Mismatches));
        Assert.True(client.Delay > TimeSpan.Zero);
    }

    private static Client Start(ApiClient user, string file) => new(
        new FileStore(file), $"c-{Guid.NewGuid():n}", [user.Scope], TimeProvider.System, async (request, ct) =>
        {
            using var body = new ByteArrayContent(request);
            body.Headers.ContentType = new("application/json");
            using var response = await user.Http.PostAsync("/v1/sync", body, ct);
            return new SyncReply((int)response.StatusCode, await response.Content.ReadAsByteArrayAsync(ct));
        })
    {
        PushLimit = 10,
        PageLimit = 7,
        Verifies = true,
    };
}
