using System.Net;
using System.Text.Json;
using Backend.Media;
using Backend.Records;
using Functions.Tests.Fixtures;
using Microsoft.Extensions.DependencyInjection;

namespace Functions.Tests.Media;

/// <summary>A back catalogue under a model that changes.</summary>
public class ReprocessMediaTests : IAsyncLifetime
{
    private readonly ModelFolder _model = new();

    /// <summary>Nobody else's uploads, wherever they are kept.</summary>
    private readonly string _alice = $"alice-{Guid.NewGuid():n}";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _model.Settings = await ArgumentsAsync();

    public ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        _model.Dispose();
        return ValueTask.CompletedTask;
    }

    /// <summary>Where the host keeps its media: in files, unless its command line says otherwise.</summary>
    protected virtual Task<string[]> ArgumentsAsync() => Task.FromResult<string[]>([]);

    [Fact]
    public async Task A_whole_catalogue_follows_the_model_with_progress_and_old_urls_stay_right()
    {
        const int Images = 60; // two pages
        WriteModel(64);
        string first, oldUrl;
        ApiAnswer old;
        await using (var host = await _model.StartAsync())
        {
            using var alice = await ModelFolder.ClientAsync(host, _alice);
            var ids = await Task.WhenAll(Enumerable.Range(0, Images).Select(i => UploadAsync(alice, i)));
            first = ids[0];
            var noImage = await MediaUpload.UploadAsync(alice, "no image"u8.ToArray(), "image/png");
            await MediaUpload.WaitAsync(alice, noImage); // what is being processed still is skipped
            oldUrl = await UrlAsync(alice, first);
            old = await alice.GetAsync(oldUrl);
        }

        WriteModel(32);
        await using var again = await _model.StartAsync("--Orchestrations:MaxConcurrentActivities=4");
        using var reader = await ModelFolder.ClientAsync(again, _alice);
        using var admin = await ModelFolder.ClientAsync(again, "root", "admin");

        (await reader.PostAsync("/v1/admin/media:reprocess", "{}")).AssertProblem(HttpStatusCode.Forbidden, "forbidden");
        var accepted = await admin.PostAsync("/v1/admin/media:reprocess", $$"""{"scope":"user/{{_alice}}"}""");
        Assert.Equal(HttpStatusCode.Accepted, accepted.Status);
        var ended = await EndAsync(admin, accepted.Headers["Location"]);

        Assert.Equal("completed", ended.GetProperty("state").GetString());
        var progress = ended.GetProperty("customStatus");
        Assert.Equal((Images + 1, Images, 1, 0), (
            progress.GetProperty("total").GetInt32(), progress.GetProperty("ready").GetInt32(),
            progress.GetProperty("failed").GetInt32(), progress.GetProperty("skipped").GetInt32()));
        var media = (await reader.GetAsync($"/v1/media/{first}")).Json;
        Assert.Equal(("ready", 32), (media.GetProperty("status").GetString(), media.GetProperty("renditions")[0].GetProperty("width").GetInt32()));
        Assert.NotEqual(new Uri(oldUrl).PathAndQuery, new Uri(await UrlAsync(reader, first)).PathAndQuery);
        Assert.Equal(old.Bytes, (await reader.GetAsync(new Uri(oldUrl).PathAndQuery)).Bytes);
        Assert.Equal(32, TestPng.Decode((await reader.GetAsync(await UrlAsync(reader, first))).Bytes).Width);
    }

    [Fact]
    public async Task One_image_is_made_anew_and_its_old_renditions_go_when_their_urls_have_expired()
    {
        WriteModel(64);
        string media;
        await using (var host = await _model.StartAsync())
        {
            using var alice = await ModelFolder.ClientAsync(host, _alice);
            media = await UploadAsync(alice, 1);
        }

        WriteModel(48);
        await using var again = await _model.StartAsync();
        using var admin = await ModelFolder.ClientAsync(again, "root", "admin");
        var store = again.App.Services.GetRequiredService<IMediaStore>();
        var folder = RecordId.TryParse(media, out var id) ? BlobName.RenditionsOf(Scope.ForUser(_alice), id) : throw new InvalidOperationException();

        (await admin.PostAsync($"/v1/admin/media/{media}:reprocess", "")).AssertProblem(HttpStatusCode.NotFound, "media_not_found");
        var accepted = await admin.PostAsync($"/v1/admin/media/{media}:reprocess?scope=user/{_alice}", "");
        Assert.Equal(HttpStatusCode.Accepted, accepted.Status);
        Assert.Equal("ready", (await EndAsync(admin, accepted.Headers["Location"])).GetProperty("output").GetProperty("result").GetString());
        Assert.Equal(2, (await store.ListAsync(folder, null, 10, Ct)).Names.Count);

        using var services = again.App.Services.CreateScope();
        var removed = await services.ServiceProvider.GetRequiredService<DeleteOldRenditions>()
            .RunAsync(new RemoveOldRenditionsInput($"user/{_alice}", media, DateTimeOffset.MinValue), Ct);

        Assert.Equal(1, removed);
        using var reader = await ModelFolder.ClientAsync(again, _alice);
        Assert.Equal(48, TestPng.Decode((await reader.GetAsync($"/i/{media}/only")).Bytes).Width);
    }

    private void WriteModel(int width) => File.WriteAllText(
        Path.Combine(_model.Path, "media.json"),
        $$"""{ "presets": { "only": { "width": {{width}}, "height": {{width}}, "format": "png" } } }""");

    private static async Task<string> UploadAsync(ApiClient client, int number)
    {
        var media = await MediaUpload.UploadAsync(client, TestPng.Encode(80, 80, 3, (_, _, _) => number), "image/png");
        Assert.Equal("ready", (await MediaUpload.WaitAsync(client, media)).GetProperty("status").GetString());
        return media;
    }

    private static async Task<string> UrlAsync(ApiClient client, string media) =>
        (await client.GetAsync($"/v1/media/{media}")).Json.GetProperty("renditions")[0].GetProperty("url").GetString() ?? "";

    private static async Task<JsonElement> EndAsync(ApiClient admin, string location)
    {
        JsonElement instance = default;
        await Eventually.TrueAsync(async () =>
        {
            instance = (await admin.GetAsync(location)).Json.GetProperty("instance");
            return instance.GetProperty("state").GetString() is not ("pending" or "running");
        });
        return instance;
    }
}
