using System.Net;
using Backend.Media;
using Backend.Orchestrations;
using Backend.Records;
using Functions.Tests.Fixtures;
using Microsoft.Extensions.DependencyInjection;

namespace Functions.Tests.Media;

/// <summary>When what was announced is no longer waited for, with the default times: a URL for 15 minutes, and 60 more.</summary>
public class UploadExpiryTests : IAsyncLifetime
{
    private readonly ShiftedTime _time = new();
    private LocalBackend? _host;
    private ApiClient? _alice;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private static byte[] Photo { get; } = ImageEngineContract.QuartersPng(64, 48);

    private LocalBackend Host => _host ?? throw new InvalidOperationException("Not started");

    /// <summary>Signed in before the clock is put forward: tokens are checked by the system's.</summary>
    private ApiClient Alice => _alice ?? throw new InvalidOperationException("Not started");

    public async ValueTask InitializeAsync()
    {
        _host = await LocalBackend.StartWithAsync(
            services => services.AddSingleton<TimeProvider>(_time), null, ["--Media:MaxUserBytes=5000", .. await ArgumentsAsync()]);
        _alice = await ApiClient.CreateAsync(Host.Url, new Uri(Host.Url, "/dev/token"), "alice");
    }

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        _alice?.Dispose();
        await Host.DisposeAsync();
    }

    /// <summary>Where the host keeps its media: in files, unless its command line says otherwise.</summary>
    protected virtual Task<string[]> ArgumentsAsync() => Task.FromResult<string[]>([]);

    [Fact]
    public async Task A_slot_that_gets_another_URL_waits_as_long_as_that_one_is_good()
    {
        var slot = await MediaUpload.AnnounceAsync(Alice, 10, "image/png");
        _time.Advance(TimeSpan.FromMinutes(70));
        var again = MediaUpload.Read(await Alice.PostAsync($"/v1/media/{slot.Id}/upload", Announcement(Photo.Length)));

        await PassAsync(TimeSpan.FromMinutes(6), slot.Id, 1); // the end of the first URL, and of the slot if there were no other

        Assert.Equal(HttpStatusCode.Created, await MediaUpload.PutAsync(again, Photo));
        Assert.Equal("ready", (await MediaUpload.WaitAsync(Alice, slot.Id)).GetProperty("status").GetString());
    }

    [Fact]
    public async Task A_slot_goes_when_its_last_URL_was_not_used_either_and_with_it_what_it_counted()
    {
        var slot = await MediaUpload.AnnounceAsync(Alice, 10, "image/png");
        _time.Advance(TimeSpan.FromMinutes(70));
        MediaUpload.Read(await Alice.PostAsync($"/v1/media/{slot.Id}/upload", Announcement(4_000)));
        await PassAsync(TimeSpan.FromMinutes(6), slot.Id, 1);
        (await Alice.PostAsync("/v1/media", Announcement(4_900))).AssertProblem(HttpStatusCode.Conflict, "media_quota_exceeded");

        await PassAsync(TimeSpan.FromMinutes(70), slot.Id, 2);

        (await Alice.GetAsync($"/v1/media/{slot.Id}")).AssertProblem(HttpStatusCode.NotFound, "media_not_found");
        Assert.Equal(HttpStatusCode.Created, (await Alice.PostAsync("/v1/media", Announcement(4_900))).Status);
    }

    [Fact]
    public async Task A_replacement_that_never_comes_is_withdrawn_and_not_counted()
    {
        var media = await MediaUpload.UploadAsync(Alice, Photo, "image/png");
        await MediaUpload.WaitAsync(Alice, media);
        MediaUpload.Read(await Alice.PostAsync($"/v1/media/{media}/upload", Announcement(4_000)));
        (await Alice.PostAsync("/v1/media", Announcement(4_000))).AssertProblem(HttpStatusCode.Conflict, "media_quota_exceeded");

        await PassAsync(TimeSpan.FromMinutes(76), media, 2);

        var (records, _, _) = await Alice.PullAsync();
        var record = Assert.Single(records, record => record.GetProperty("id").GetString() == media);
        Assert.Equal("ready", record.GetProperty("status").GetString());
        Assert.False(record.TryGetProperty("announced", out _));
        Assert.Equal(HttpStatusCode.Created, (await Alice.PostAsync("/v1/media", Announcement(4_000))).Status);
    }

    [Fact]
    public async Task What_was_deleted_long_before_its_slot_would_have_ended_is_not_given_back_again()
    {
        var kept = await MediaUpload.AnnounceAsync(Alice, 2_000, "image/png");
        var deleted = await MediaUpload.AnnounceAsync(Alice, 2_000, "image/png");
        await Alice.DeleteAsync($"/v1/media/{deleted.Id}");
        await Eventually.TrueAsync(async () => (await Alice.PostAsync($"/v1/media/{kept.Id}/upload", Announcement(4_500))).Status == HttpStatusCode.Created);
        var usage = Host.App.Services.GetRequiredService<MediaUsage>();
        for (var others = 0; others < 250; others++)
        {
            var id = RecordId.New(_time.GetUtcNow());
            Assert.Null(await usage.ReserveAsync("alice", id, new OpenUpload(1, DateTimeOffset.MaxValue), () => Task.CompletedTask, Ct));
            await usage.ReleaseAsync("alice", id, 1, Ct);
        }

        using var scope = Host.App.Services.CreateScope();
        await scope.ServiceProvider.GetRequiredService<RemoveUnusedSlot>()
            .RunAsync(new ExpireUploadInput("user/alice", deleted.Id, "alice", DateTimeOffset.MaxValue), Ct);

        (await Alice.PostAsync("/v1/media", Announcement(1_000))).AssertProblem(HttpStatusCode.Conflict, "media_quota_exceeded");
    }

    [Fact]
    public async Task Replacements_that_are_announced_at_once_count_once()
    {
        var slot = await MediaUpload.AnnounceAsync(Alice, 1_000, "image/png");

        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => Alice.PostAsync($"/v1/media/{slot.Id}/upload", Announcement(1_500 + i))));

        Assert.Contains(answers, answer => answer.Status == HttpStatusCode.Created);
        Assert.All(answers.Where(answer => answer.Status != HttpStatusCode.Created), answer => answer.AssertProblem(HttpStatusCode.Conflict, "media_quota_exceeded"));
        Assert.Equal(HttpStatusCode.Created, (await Alice.PostAsync("/v1/media", Announcement(3_490))).Status);
        (await Alice.PostAsync("/v1/media", Announcement(20))).AssertProblem(HttpStatusCode.Conflict, "media_quota_exceeded");
    }

    [Fact]
    public async Task What_was_counted_when_the_process_ended_before_it_was_written_down_is_given_back()
    {
        var media = await MediaUpload.UploadAsync(Alice, Photo, "image/png");
        await MediaUpload.WaitAsync(Alice, media);
        var usage = Host.App.Services.GetRequiredService<MediaUsage>();
        var until = _time.GetUtcNow().AddMinutes(75);
        Assert.True(RecordId.TryParse(media, out var id));
        var never = RecordId.New(_time.GetUtcNow());

        Assert.Null(await usage.ReplaceAsync("alice", id, new OpenUpload(2_000, until), Photo.Length, () => ExpireAsync(media, until), Ct));
        Assert.Null(await usage.ReserveAsync("alice", never, new OpenUpload(2_000, until), () => ExpireAsync(never.Value, until), Ct));
        (await Alice.PostAsync("/v1/media", Announcement(4_000))).AssertProblem(HttpStatusCode.Conflict, "media_quota_exceeded");
        await PassAsync(TimeSpan.FromMinutes(76), media, 2);
        await PassAsync(TimeSpan.Zero, never.Value, 1);

        var rest = 5_000 - Photo.Length;
        (await Alice.PostAsync("/v1/media", Announcement(rest + 1))).AssertProblem(HttpStatusCode.Conflict, "media_quota_exceeded");
        Assert.Equal(HttpStatusCode.Created, (await Alice.PostAsync("/v1/media", Announcement(rest))).Status);
    }

    [Fact]
    public async Task What_is_refused_leaves_nothing_to_clear_up()
    {
        var slot = await MediaUpload.AnnounceAsync(Alice, 1_000, "image/png");

        (await Alice.PostAsync("/v1/media", Announcement(4_500))).AssertProblem(HttpStatusCode.Conflict, "media_quota_exceeded");
        (await Alice.PostAsync($"/v1/media/{slot.Id}/upload", Announcement(5_500))).AssertProblem(HttpStatusCode.Conflict, "media_quota_exceeded");

        var page = await Host.App.Services.GetRequiredService<IOrchestrator>().ListAsync(new OrchestrationQuery(Name: ExpireUpload.Definition.Name), Ct);
        Assert.Single(page.Items);
    }

    private async Task ExpireAsync(string media, DateTimeOffset at) => await Host.App.Services.GetRequiredService<IOrchestrator>().StartAsync(
        ExpireUpload.Definition, ExpireUpload.InstanceIdOf(media, at), new ExpireUploadInput("user/alice", media, "alice", at), Ct);

    private static string Announcement(int size) => $$"""{"contentType":"image/png","size":{{size}}}""";

    /// <summary>Puts the clock forward, and returns when so many URLs of the media record have come to their end.</summary>
    private async Task PassAsync(TimeSpan time, string media, int ended)
    {
        _time.Advance(time);
        var orchestrator = Host.App.Services.GetRequiredService<IOrchestrator>();
        // A new timer has the engine look at the clock.
        var other = RecordId.New(_time.GetUtcNow()).Value;
        await orchestrator.StartAsync(
            ExpireUpload.Definition, ExpireUpload.InstanceIdOf(other), new ExpireUploadInput("user/alice", other, "alice", _time.GetUtcNow()), Ct);
        await Eventually.TrueAsync(async () =>
        {
            var page = await orchestrator.ListAsync(new OrchestrationQuery(Name: ExpireUpload.Definition.Name), Ct);
            return page.Items.Count(instance => instance.State.HasEnded() && instance.InstanceId.Contains(media, StringComparison.Ordinal)) == ended;
        });
    }
}
