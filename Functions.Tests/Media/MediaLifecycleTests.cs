using System.Net;
using System.Security.Cryptography;
using Backend.Media;
using Backend.Records;
using Functions.Tests.Fixtures;
using Microsoft.Extensions.DependencyInjection;

namespace Functions.Tests.Media;

/// <summary>From the slot to the last blob's end, on a host of its own whose stores can be looked into.</summary>
public class MediaLifecycleTests : IAsyncLifetime
{
    private LocalBackend? _host;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private static byte[] Photo { get; } = ImageEngineContract.QuartersPng(64, 48);

    private LocalBackend Host => _host ?? throw new InvalidOperationException("Not started");

    private IMediaStore Store => Host.App.Services.GetRequiredService<IMediaStore>();

    public async ValueTask InitializeAsync() => _host = await LocalBackend.StartWithAsync(
        services => services.AddMediaModerator<NoGreyImages>(), null,
        ["--Media:MaxUserCount=3", "--Media:MaxUserBytes=2000", .. await ArgumentsAsync()]);

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        await Host.DisposeAsync();
    }

    /// <summary>Where the host keeps its media: in files, unless its command line says otherwise.</summary>
    protected virtual Task<string[]> ArgumentsAsync() => Task.FromResult<string[]>([]);

    [Fact]
    public async Task Deleting_removes_the_upload_and_everything_made_of_it()
    {
        using var alice = await ClientAsync("alice");
        var media = await MediaUpload.UploadAsync(alice, Photo, "image/png");
        var ready = await MediaUpload.WaitAsync(alice, media);
        var url = ready.GetProperty("renditions")[0].GetProperty("url").GetString() ?? "";
        var (scope, id) = (Scope.ForUser("alice"), Id(media));
        var (_, _, cursor) = await alice.PullAsync();
        Assert.Equal(2, (await Store.ListAsync(BlobName.RenditionsOf(scope, id), null, 10, Ct)).Names.Count);

        Assert.Equal(HttpStatusCode.NoContent, (await alice.DeleteAsync($"/v1/media/{media}")).Status);

        (await alice.GetAsync($"/v1/media/{media}")).AssertProblem(HttpStatusCode.NotFound, "media_not_found");
        (await alice.DeleteAsync($"/v1/media/{media}")).AssertProblem(HttpStatusCode.NotFound, "media_not_found");
        await Eventually.TrueAsync(async () => await Store.FindAsync(BlobName.ForUpload(scope, id), Ct) is null
            && (await Store.ListAsync(BlobName.RenditionsOf(scope, id), null, 10, Ct)).Names.Count == 0);
        await Eventually.TrueAsync(async () => (await alice.GetAsync(url)).Status == HttpStatusCode.NotFound);
        var (_, removed, _) = await alice.PullAsync(cursor);
        Assert.Contains(removed, record => record.EndsWith(media, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Only_the_owner_may_delete_or_replace()
    {
        using var alice = await ClientAsync("alice-2");
        using var bob = await ClientAsync("bob-2");
        var slot = await MediaUpload.AnnounceAsync(alice, 10, "image/png");

        (await bob.DeleteAsync($"/v1/media/{slot.Id}?scope=user/alice-2")).AssertProblem(HttpStatusCode.NotFound, "media_not_found");
        (await bob.PostAsync($"/v1/media/{slot.Id}/upload?scope=user/alice-2", """{"contentType":"image/png","size":10}"""))
            .AssertProblem(HttpStatusCode.NotFound, "media_not_found");
        Assert.Equal("pending", (await alice.GetAsync($"/v1/media/{slot.Id}")).Json.GetProperty("status").GetString());
    }

    [Fact]
    public async Task Bytes_that_arrive_after_the_deletion_do_not_stay()
    {
        using var alice = await ClientAsync("alice-3");
        var slot = await MediaUpload.AnnounceAsync(alice, Photo.Length, "image/png");
        await alice.DeleteAsync($"/v1/media/{slot.Id}");

        Assert.Equal(HttpStatusCode.Created, await MediaUpload.PutAsync(slot, Photo));

        var upload = BlobName.ForUpload(Scope.ForUser("alice-3"), Id(slot.Id));
        await Eventually.TrueAsync(async () => await Store.FindAsync(upload, Ct) is null);
    }

    [Fact]
    public async Task The_quota_of_count_is_kept_under_simultaneous_announcements_and_freed_by_deleting()
    {
        using var carol = await ClientAsync("carol");

        var answers = await Task.WhenAll(Enumerable.Range(0, 12).Select(_ => carol.PostAsync("/v1/media", Announcement(10))));

        var made = answers.Where(answer => answer.Status == HttpStatusCode.Created).ToList();
        Assert.Equal(3, made.Count);
        Assert.All(answers.Except(made), answer => answer.AssertProblem(HttpStatusCode.Conflict, "media_quota_exceeded"));
        await carol.DeleteAsync($"/v1/media/{made[0].Id}");
        await Eventually.TrueAsync(async () => (await carol.PostAsync("/v1/media", Announcement(10))).Status == HttpStatusCode.Created);
        (await carol.PostAsync("/v1/media", Announcement(10))).AssertProblem(HttpStatusCode.Conflict, "media_quota_exceeded");
    }

    [Fact]
    public async Task The_quota_of_bytes_counts_replacements_too()
    {
        using var dave = await ClientAsync("dave");
        var first = await dave.PostAsync("/v1/media", Announcement(1500));

        (await dave.PostAsync("/v1/media", Announcement(600))).AssertProblem(HttpStatusCode.Conflict, "media_quota_exceeded");
        (await dave.PostAsync($"/v1/media/{first.Id}/upload", Announcement(2001))).AssertProblem(HttpStatusCode.Conflict, "media_quota_exceeded");
        Assert.Equal(HttpStatusCode.Created, (await dave.PostAsync($"/v1/media/{first.Id}/upload", Announcement(1000))).Status);
        Assert.Equal(HttpStatusCode.Created, (await dave.PostAsync("/v1/media", Announcement(1000))).Status);
    }

    [Fact]
    public async Task A_slot_that_was_never_used_goes_and_one_whose_event_was_lost_is_processed()
    {
        using var erin = await ClientAsync("erin");
        var unused = await MediaUpload.AnnounceAsync(erin, 10, "image/png");
        var used = await MediaUpload.AnnounceAsync(erin, Photo.Length, "image/png");
        await MediaUpload.PutAsync(used, Photo);
        await MediaUpload.WaitAsync(erin, used.Id);
        using var scope = Host.App.Services.CreateScope();
        var remove = scope.ServiceProvider.GetRequiredService<RemoveUnusedSlot>();

        ExpireUploadInput Input(string media) => new("user/erin", media, "erin", DateTimeOffset.MinValue);
        Assert.True(await remove.RunAsync(Input(unused.Id), Ct));
        Assert.False(await remove.RunAsync(Input(unused.Id), Ct)); // again, and it counts once
        Assert.False(await remove.RunAsync(Input(used.Id), Ct));
        var never = RecordId.New(TimeProvider.System.GetUtcNow());
        Assert.True(await remove.RunAsync(Input(never.Value), Ct));

        (await erin.GetAsync($"/v1/media/{unused.Id}")).AssertProblem(HttpStatusCode.NotFound, "media_not_found");
        Assert.Equal("ready", (await erin.GetAsync($"/v1/media/{used.Id}")).Json.GetProperty("status").GetString());
        Assert.Equal(HttpStatusCode.Created, (await erin.PostAsync("/v1/media", Announcement(10))).Status);
        Assert.Equal(HttpStatusCode.Created, (await erin.PostAsync("/v1/media", Announcement(10))).Status);
        (await erin.PostAsync("/v1/media", Announcement(10))).AssertProblem(HttpStatusCode.Conflict, "media_quota_exceeded");
    }

    [Fact]
    public async Task The_same_content_is_recognised_when_it_is_announced_and_when_it_has_arrived()
    {
        using var frank = await ClientAsync("frank");
        using var grace = await ClientAsync("grace");
        var hash = Convert.ToHexStringLower(SHA256.HashData(Photo));
        var first = await MediaUpload.UploadAsync(frank, Photo, "image/png");
        Assert.False((await MediaUpload.WaitAsync(frank, first)).TryGetProperty("duplicateOf", out _));

        var announced = await frank.PostAsync("/v1/media", Announcement(Photo.Length, hash));
        var second = await MediaUpload.UploadAsync(frank, Photo, "image/png");

        Assert.Equal(first, announced.Json.GetProperty("duplicateOf").GetString());
        Assert.Equal(first, (await MediaUpload.WaitAsync(frank, second)).GetProperty("duplicateOf").GetString());
        Assert.False((await grace.PostAsync("/v1/media", Announcement(Photo.Length, hash))).Json.TryGetProperty("duplicateOf", out _));

        await frank.DeleteAsync($"/v1/media/{first}");
        await frank.DeleteAsync($"/v1/media/{announced.Id}");
        await Eventually.TrueAsync(async () =>
        {
            var again = await frank.PostAsync("/v1/media", Announcement(Photo.Length, hash));
            return again.Status == HttpStatusCode.Created && !again.Json.TryGetProperty("duplicateOf", out _);
        });
    }

    [Fact]
    public async Task Another_upload_of_the_same_media_is_a_new_version_under_new_urls()
    {
        using var heidi = await ClientAsync("heidi");
        var media = await MediaUpload.UploadAsync(heidi, Photo, "image/png");
        var before = (await MediaUpload.WaitAsync(heidi, media)).GetProperty("renditions")[0].GetProperty("url").GetString() ?? "";
        var old = await heidi.GetAsync(before);
        var wide = ImageEngineContract.QuartersPng(80, 20);

        var slot = MediaUpload.Read(await heidi.PostAsync($"/v1/media/{media}/upload", Announcement(wide.Length)));
        await MediaUpload.PutAsync(slot, wide);
        await Eventually.TrueAsync(async () => (await MediaUpload.WaitAsync(heidi, media)).GetProperty("width").GetInt32() == 80);

        var after = (await heidi.GetAsync($"/v1/media/{media}")).Json.GetProperty("renditions")[0].GetProperty("url").GetString() ?? "";
        Assert.NotEqual(before, after);
        Assert.Equal(old.Bytes, (await heidi.GetAsync(before)).Bytes);
        Assert.NotEqual(old.Bytes, (await heidi.GetAsync(after)).Bytes);
    }

    [Fact]
    public async Task A_moderator_decides_before_anything_is_made()
    {
        using var ivan = await ClientAsync("ivan");
        var media = await MediaUpload.UploadAsync(ivan, TestPng.Encode(33, 33, 3, (_, _, _) => 128), "image/png");

        var failed = await MediaUpload.WaitAsync(ivan, media);

        Assert.Equal("rejected", failed.GetProperty("reason").GetString());
        Assert.Equal("ivan: no squares of 33", failed.GetProperty("detail").GetString());
        Assert.Empty((await Store.ListAsync(BlobName.RenditionsOf(Scope.ForUser("ivan"), Id(media)), null, 10, Ct)).Names);
    }

    private static RecordId Id(string text) => RecordId.TryParse(text, out var id) ? id : throw new ArgumentException(text);

    private static string Announcement(int size, string? sha256 = null) => sha256 is null
        ? $$"""{"contentType":"image/png","size":{{size}}}"""
        : $$"""{"contentType":"image/png","size":{{size}},"sha256":"{{sha256}}"}""";

    private Task<ApiClient> ClientAsync(string sub) => ApiClient.CreateAsync(Host.Url, new Uri(Host.Url, "/dev/token"), sub);

    /// <summary>Stands for an application's own rule.</summary>
    private sealed class NoGreyImages : IMediaModerator
    {
        public Task<ModerationVerdict> ReviewAsync(MediaToReview media, CancellationToken ct) => Task.FromResult<ModerationVerdict>(
            (media.Width, media.Height, File.Exists(media.Path)) == (33, 33, true)
                ? new ModerationVerdict.Rejected($"{media.Owner}: no squares of 33")
                : new ModerationVerdict.Approved());
    }
}
