using System.Net;
using System.Text.Json.Nodes;
using Functions.Tests.Fixtures;
using Functions.Tests.Records;

namespace Functions.Tests.Sync;

/// <summary>A host whose database was replaced while clients hold cursors of the old one.</summary>
public sealed class ResyncTests
{
    [Fact]
    public async Task A_cursor_from_before_answers_resync_for_its_scope_only()
    {
        using var folder = new TempFolder();
        string? cursor;
        await using (var before = await LocalBackend.StartAsync(folder.Path))
        {
            using var alice = await AliceAsync(before);
            await RecordsApiTests.CreateNoteAsync(alice);
            (_, _, cursor) = await alice.PullAsync();
        }

        // The issuer's key goes, too: within one process, the token library remembers keys by their names after they
        // were disposed of.
        foreach (var file in Directory.EnumerateFiles(folder.Path, "backend.db*").Append(folder.File("development-issuer.pem")))
        {
            File.Delete(file);
        }

        await using var after = await LocalBackend.StartAsync(folder.Path);
        using var client = await AliceAsync(after);
        await RecordsApiTests.CreateNoteAsync(client);
        var pull = new JsonArray(
            new JsonObject { ["scope"] = "user/alice", ["cursor"] = cursor },
            new JsonObject { ["scope"] = "public/profiles", ["cursor"] = null });
        var answer = await client.PostAsync("/v1/sync", new JsonObject { ["pull"] = pull }.ToJsonString());

        Assert.Equal(HttpStatusCode.OK, answer.Status);
        var changes = answer.Json.GetProperty("changes");
        Assert.Equal(
            """{"scope":"user/alice","cursor":null,"hasMore":true,"resync":true,"records":[],"removed":[]}""",
            changes[0].GetRawText());
        Assert.False(changes[1].TryGetProperty("resync", out _));
        Assert.Single((await client.PullAsync()).Records);
    }

    private static Task<ApiClient> AliceAsync(LocalBackend backend) =>
        ApiClient.CreateAsync(backend.Url, new Uri(backend.Url, "/dev/token"), "alice");
}
