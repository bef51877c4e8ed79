using System.Net;
using System.Text.Json.Nodes;
using Functions.Tests.Fixtures;
using Functions.Tests.Spaces;

namespace Functions.Tests.Sync;

/// <summary>What the page of the protocol says is enough: a client that knows only that gets along with the server.</summary>
public sealed class PageClientTests(BackendFixture backend)
{
    private static readonly JsonObject Note = new() { ["title"] = "Heron", ["likes"] = 1, ["tags"] = new JsonArray("bird") };

    [Fact]
    public async Task Two_devices_agree_after_edits_offline_lost_answers_refusals_and_groups()
    {
        using var alice = await backend.NewUserAsync();
        var scope = alice.Scope;
        var phone = new PageClient(alice, "phone", scope) { Limit = 3 };
        var laptop = new PageClient(alice, "laptop", scope);

        // Offline, then in pages of three; the first answer is lost.
        for (var i = 0; i < 10; i++)
        {
            phone.Change("put", scope, "notes", $"note-{i}", Note);
        }

        phone.LostAnswers = 1;
        Assert.False(await phone.SyncAsync());
        Assert.Equal((10, "Heron"), (phone.Queued, (string?)phone.View(scope, "notes", "note-3")?["title"]));
        Assert.True(await phone.SyncAsync());
        Assert.True(await laptop.SyncAsync());
        Assert.Equal(10, laptop.CopyOf(scope).Count);

        // Both at once, without knowing of each other; the phone's request arrives twice.
        phone.Change("patch", scope, "notes", "note-1", Increment(2));
        phone.Change("delete", scope, "notes", "note-2");
        phone.LostAnswers = 2;
        laptop.Change("patch", scope, "notes", "note-1", new JsonObject { ["title"] = "Grey heron", ["likes"] = Increment(3)["likes"]!.DeepClone() });
        Assert.Equal(3, (long?)phone.View(scope, "notes", "note-1")?["likes"]);
        Assert.False(await phone.SyncAsync());
        Assert.False(await phone.SyncAsync());
        Assert.True(await laptop.SyncAsync());
        var late = laptop.Change("patch", scope, "notes", "note-9", new JsonObject { ["title"] = 7 });
        var grouped = laptop.Change("put", scope, "notes", "grouped-1", Note, "group");
        laptop.Change("put", scope, "notes", "grouped-2", new JsonObject(), "group");
        Assert.True(await laptop.SyncAsync());
        Assert.True(await phone.SyncAsync());
        Assert.True(await laptop.SyncAsync());

        Assert.Equal([(late, "validation_failed"), (grouped, "group_failed"), (grouped + 1, "validation_failed")], laptop.Refusals);
        Assert.Empty(phone.Refusals);
        Assert.Equal(9, laptop.CopyOf(scope).Count);
        Assert.Equal(
            ("Grey heron", 6), ((string?)laptop.View(scope, "notes", "note-1")?["title"], (int?)laptop.View(scope, "notes", "note-1")?["likes"]));
        AssertSame(phone.CopyOf(scope), laptop.CopyOf(scope));
        Assert.Equal((0, 0, 0, 0), (phone.Queued, phone.Shown, phone.Mismatches, laptop.Mismatches));
        Assert.True(phone.Agreements > 1 && laptop.Agreements > 1);
    }

    [Fact]
    public async Task A_copy_that_went_bad_is_found_out_and_made_anew()
    {
        using var alice = await backend.NewUserAsync();
        var phone = new PageClient(alice, "phone", alice.Scope);
        phone.Change("put", alice.Scope, "notes", "one", Note);
        phone.Change("put", alice.Scope, "notes", "two", Note);
        Assert.True(await phone.SyncAsync());

        phone.Spoil(alice.Scope);
        Assert.True(await phone.SyncAsync());

        Assert.Equal((1, 2), (phone.Mismatches, phone.CopyOf(alice.Scope).Count));
    }

    [Fact]
    public async Task Another_role_reads_the_space_anew_and_the_end_of_a_membership_takes_the_copy_away()
    {
        using var alice = await backend.NewUserAsync();
        using var bob = await backend.NewUserAsync();
        var space = await alice.CreateSpaceAsync();
        await alice.LetInAsync(space, bob, "editor");
        var scope = $"space/{space}";
        var tablet = new PageClient(bob, "tablet", bob.Scope, scope);
        tablet.Change("put", scope, "notes", "owl", Note);
        Assert.True(await tablet.SyncAsync());

        await alice.SetRoleAsync(space, bob.User, "viewer");
        var refused = tablet.Change("patch", scope, "notes", "owl", Increment(1));
        Assert.True(await tablet.SyncAsync());
        Assert.Equal([(refused, "forbidden")], tablet.Refusals);
        Assert.Equal(1, (int?)tablet.View(scope, "notes", "owl")?["likes"]);

        Assert.Equal(HttpStatusCode.NoContent, (await alice.DeleteAsync(SpaceClient.MemberPath(space, bob.User))).Status);
        var own = tablet.Change("put", bob.Scope, "notes", "mine", Note);
        Assert.True(await tablet.SyncAsync());
        Assert.Equal([scope], tablet.Gone);
        Assert.Empty(tablet.CopyOf(scope));
        Assert.Contains("notes/mine", tablet.CopyOf(bob.Scope).Keys);
        Assert.True(own > refused);
    }

    private static JsonObject Increment(int by) => new() { ["likes"] = new JsonObject { ["$increment"] = by } };

    private static void AssertSame(IReadOnlyDictionary<string, JsonObject> one, IReadOnlyDictionary<string, JsonObject> other)
    {
        Assert.Equal(one.Keys.Order(StringComparer.Ordinal), other.Keys.Order(StringComparer.Ordinal));
        Assert.All(one, record => Assert.True(JsonNode.DeepEquals(record.Value, other[record.Key])));
    }
}
