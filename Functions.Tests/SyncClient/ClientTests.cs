using System.Text.Json.Nodes;
using Functions.Tests.Fixtures;
using SyncClient;
using Client = SyncClient.Client;

namespace Functions.Tests.SyncClient;

/// <summary>The reference client over HTTP, on a real file.</summary>
public sealed class ClientTests(BackendFixture backend) : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly List<FileStore> _files = [];

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Two_devices_end_with_the_same_records_which_the_checksums_confirm()
    {
        using var user = await backend.NewUserAsync();
        var (phone, tablet) = (Start(user, "phone"), Start(user, "tablet"));
        var note = new RecordAddress(user.Scope, "notes", "n1");
        phone.Put(note, new JsonObject { ["title"] = "a", ["tags"] = new JsonArray("x"), ["likes"] = 1 });
        for (var i = 0; i < 25; i++)
        {
            phone.Put(note with { Id = $"more-{i}" }, new JsonObject { ["title"] = $"ünï \"{i}\"\t\u0001" });
        }

        await SyncAsync(phone);
        await SyncAsync(tablet);
        phone.Patch(note, new JsonObject { ["likes"] = new JsonObject { ["$increment"] = 2 } });
        tablet.Patch(note, new JsonObject { ["likes"] = new JsonObject { ["$increment"] = 3 }, ["tags"] = new JsonObject { ["$add"] = new JsonArray("y") } });
        Assert.Equal(4, (int?)tablet.Read(note)?["likes"]);
        foreach (var device in new[] { phone, tablet, phone })
        {
            await SyncAsync(device);
        }

        Assert.Equal(6, (int?)phone.Read(note)?["likes"]);
        Assert.Equal(phone.CopyOf(user.Scope).Select(record => record.Value.ToJsonString()), tablet.CopyOf(user.Scope).Select(record => record.Value.ToJsonString()));
        Assert.Equal((0, 0, 26), (phone.Mismatches, tablet.Mismatches, phone.CopyOf(user.Scope).Count));
    }

    [Fact]
    public async Task A_client_that_starts_again_goes_on_from_its_file()
    {
        using var user = await backend.NewUserAsync();
        var note = new RecordAddress(user.Scope, "notes", "n1");
        var first = Start(user, "phone");
        first.Put(note, new JsonObject { ["title"] = "offline" });

        var second = Restart(user, "phone");
        Assert.Equal(("offline", 1), ((string?)second.Read(note)?["title"], second.Queued));
        await SyncAsync(second);

        var third = Restart(user, "phone");
        Assert.Equal(("offline", 0, 2), ((string?)third.Read(note)?["title"], third.Queued, (int)third.NextSeq));
    }

    [Fact]
    public async Task What_is_refused_is_taken_back_and_kept_until_the_app_has_seen_it()
    {
        using var user = await backend.NewUserAsync();
        var phone = Start(user, "phone");
        var note = new RecordAddress(user.Scope, "notes", "n1");
        phone.Put(note, new JsonObject { ["title"] = "a" });
        await SyncAsync(phone);
        phone.Patch(note, new JsonObject { ["priority"] = 99 });
        Assert.Equal(99, (int?)phone.Read(note)?["priority"]);

        await SyncAsync(phone);

        Assert.Null(phone.Read(note)?["priority"]);
        var refusal = Assert.Single(Restart(user, "phone").Refusals);
        Assert.Equal(("rejected", "validation_failed"), (refusal.Status, refusal.Code));
        phone = Restart(user, "phone");
        Assert.True(phone.ForgetRefusal(refusal.Mutation.Seq));
        phone = Restart(user, "phone");
        Assert.Empty(phone.Refusals);
        Assert.False(phone.ForgetRefusal(refusal.Mutation.Seq));
    }

    [Fact]
    public async Task A_copy_that_does_not_agree_is_read_anew()
    {
        using var user = await backend.NewUserAsync();
        var phone = Start(user, "phone");
        var note = new RecordAddress(user.Scope, "notes", "n1");
        phone.Put(note, new JsonObject { ["title"] = "right" });
        await SyncAsync(phone);
        Damage("phone", "right", "wrong");

        var damaged = Start(user, "phone");
        Assert.Equal("wrong", (string?)damaged.Read(note)?["title"]);
        await SyncAsync(damaged);

        Assert.Equal(("right", 1), ((string?)damaged.Read(note)?["title"], damaged.Mismatches));
    }

    [Fact]
    public async Task A_long_queue_goes_as_a_file_and_comes_out_the_same()
    {
        using var user = await backend.NewUserAsync();
        var phone = Start(user, "phone", batchFrom: 50);
        var note = new RecordAddress(user.Scope, "notes", "n1");
        phone.Put(note, new JsonObject { ["title"] = "a" });
        for (var i = 0; i < 60; i++)
        {
            phone.Patch(note, new JsonObject { ["likes"] = new JsonObject { ["$increment"] = 1 } });
        }

        phone.Patch(note, new JsonObject { ["priority"] = 99 });
        var outcome = await phone.ExchangeOnceAsync(Ct);
        Assert.Equal((ExchangeOutcome.Later, 62), (outcome, phone.Queued)); // it has been sent, and is not pushed beside that
        phone = Restart(user, "phone", batchFrom: 50);
        phone.Patch(note, new JsonObject { ["likes"] = new JsonObject { ["$increment"] = 1 } });
        await Eventually.TrueAsync(async () => await phone.SyncAsync(Ct) is ExchangeOutcome.Done);

        Assert.Equal((61, 0, 0), ((int?)phone.Read(note)?["likes"], phone.Queued, phone.Mismatches));
        Assert.Equal(62, Assert.Single(phone.Refusals).Mutation.Seq);
    }

    [Fact]
    public async Task More_scopes_than_fit_in_an_exchange_are_all_pulled()
    {
        using var user = await backend.NewUserAsync();
        var spaces = new List<string>();
        for (var i = 0; i < 5; i++)
        {
            spaces.Add($"space/{(await user.PostAsync("/v1/spaces", """{"name":"s"}""")).Id}");
            await user.PostAsync($"/v1/data/notes?scope={spaces[i]}", """{"title":"a"}""");
        }

        var phone = Start(user, "phone", scopeLimit: 2);
        spaces.ForEach(phone.Follow);
        await SyncAsync(phone);

        Assert.All(spaces, space => Assert.Single(phone.CopyOf(space).Values, record => (string?)record["collection"] == "notes"));
        phone.Leave(spaces[0]);
        Assert.Empty(phone.CopyOf(spaces[0]));
        await SyncAsync(phone);
        Assert.Empty(phone.CopyOf(spaces[0]));
    }

    [Fact]
    public async Task A_scope_that_is_not_the_users_is_given_up_and_said_so()
    {
        using var user = await backend.NewUserAsync();
        var phone = Start(user, "phone", scope: "space/not-mine");
        phone.Put(new RecordAddress("space/not-mine", "notes", "n1"), new JsonObject { ["title"] = "a" });

        await SyncAsync(phone);

        Assert.Equal("scope_not_found", Assert.Single(phone.Refusals).Code);
        Assert.Empty(phone.CopyOf("space/not-mine"));
    }

    public void Dispose()
    {
        _files.ForEach(file => file.Dispose());
        _folder.Dispose();
    }

    private static async Task SyncAsync(Client client) => Assert.Equal(ExchangeOutcome.Done, await client.SyncAsync(Ct));

    private Client Restart(ApiClient user, string file, int batchFrom = 0)
    {
        _files.ForEach(open => open.Dispose());
        return Start(user, file, batchFrom: batchFrom);
    }

    private Client Start(ApiClient user, string file, int batchFrom = 0, int scopeLimit = 20, string? scope = null)
    {
        var store = new FileStore(_folder.File(file));
        _files.Add(store);
        return new Client(
            store, $"c-{Guid.NewGuid():n}", [scope ?? user.Scope], TimeProvider.System,
            new HttpTransport(user.Http, _ => Task.FromResult(user.Token ?? "")))
        {
            PushLimit = 10,
            PageLimit = 7,
            Verifies = true,
            BatchFrom = batchFrom,
            ScopeLimit = scopeLimit,
            FirstDelay = TimeSpan.FromMilliseconds(20),
        };
    }

    /// <summary>Changes what a file says, with a hash that is right.</summary>
    private void Damage(string name, string from, string to)
    {
        _files.ForEach(file => file.Dispose());
        using var store = new FileStore(_folder.File(name));
        store.Commit(store.Load().Where(value => value.Value.Contains(from, StringComparison.Ordinal))
            .ToDictionary(value => value.Key, value => (string?)value.Value.Replace(from, to, StringComparison.Ordinal)));
    }
}
