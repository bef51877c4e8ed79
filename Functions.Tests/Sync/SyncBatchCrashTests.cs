using Functions.Tests.Fixtures;
using Functions.Tests.Hosting;

namespace Functions.Tests.Sync;

/// <summary>A batch while the server is killed, again and again.</summary>
public sealed class SyncBatchCrashTests
{
    [Fact]
    public async Task Every_mutation_of_a_batch_has_its_effect_once_whenever_the_server_is_killed()
    {
        using var folder = new TempFolder();
        var random = new Random(45);
        const int Notes = 40;
        const int Likes = 12_000;
        var lines = Enumerable.Range(1, Notes).Select(i => SyncBatch.Line(i, "put", $"n{i}", """{"title":"n","likes":0}"""))
            .Concat(Enumerable.Range(1, Likes).Select(i =>
                SyncBatch.Line(Notes + i, "patch", $"n{(i % Notes) + 1}", """{"likes":{"$increment":1}}""")));
        var file = SyncBatch.File(lines);
        string? id = null;
        for (var life = 0; life < 5; life++)
        {
            await using var host = LocalProcess.Start("--port", "0", "--data", folder.Path, "--Sync:MaxMutations=100");
            var url = await host.WaitForUrlAsync();
            using var alice = await ApiClient.CreateAsync(url, new Uri(url, "/dev/token"), "alice");
            id ??= await SyncBatch.UploadAsync(alice, file, "phone");
            await Task.Delay(random.Next(0, 400), TestContext.Current.CancellationToken);
            await host.KillAsync();
        }

        await using var last = LocalProcess.Start("--port", "0", "--data", folder.Path, "--Sync:MaxMutations=100");
        var lastUrl = await last.WaitForUrlAsync();
        using var client = await ApiClient.CreateAsync(lastUrl, new Uri(lastUrl, "/dev/token"), "alice");
        var batch = await SyncBatch.WaitAsync(client, id ?? "");

        Assert.Equal("completed", batch.GetProperty("state").GetString());
        Assert.Equal(Notes + Likes, batch.GetProperty("progress").GetProperty("done").GetInt32());
        var results = await SyncBatch.ResultsAsync(client, id ?? "");
        Assert.Equal(Enumerable.Range(1, Notes + Likes), results.Select(result => result.GetProperty("line").GetInt32()));
        Assert.All(results, result => Assert.Equal("applied", SyncBatch.StatusOf(result)));
        for (var i = 1; i <= Notes; i++)
        {
            Assert.Equal(Likes / Notes, (await client.GetAsync($"/v1/data/notes/n{i}")).Json.GetProperty("likes").GetInt32());
        }
    }

    [Fact]
    public async Task A_push_of_the_client_waits_for_its_batch_and_has_its_effect_then()
    {
        await using var backend = await LocalBackend.StartAsync(null, "--Sync:MaxMutations=20");
        using var alice = await ApiClient.CreateAsync(backend.Url, new Uri(backend.Url, "/dev/token"), "alice");
        const int Likes = 4_000;
        var file = SyncBatch.File(Enumerable.Range(2, Likes).Select(i =>
            SyncBatch.Line(i, "patch", "a", """{"likes":{"$increment":1}}""")));
        await alice.PostAsync("/v1/sync", $$"""{"client":"phone","push":[{{SyncBatch.Line(1, "put", "a", """{"title":"a","likes":0}""")}}]}""");
        var push = $$"""{"client":"phone","push":[{{SyncBatch.Line(Likes + 2, "patch", "a", """{"likes":{"$increment":1000000}}""")}}]}""";
        var id = await SyncBatch.UploadAsync(alice, file, "phone");
        await Eventually.TrueAsync(async () =>
            (await alice.GetAsync($"/v1/sync/batches/{id}")).Json.GetProperty("progress").GetProperty("done").GetInt32() > 0);

        var statuses = new HashSet<string?>();
        await Eventually.TrueAsync(async () =>
        {
            var status = (await alice.PostAsync("/v1/sync", push)).Json.GetProperty("results")[0].GetProperty("status").GetString();
            statuses.Add(status);
            return status == "applied";
        });

        Assert.Contains("retry", statuses);
        Assert.Equal("completed", (await SyncBatch.WaitAsync(alice, id)).GetProperty("state").GetString());
        Assert.Equal(1_000_000 + Likes, (await alice.GetAsync("/v1/data/notes/a")).Json.GetProperty("likes").GetInt32());
    }
}
