using System.Collections.Concurrent;
using System.Net;
using Azure.Storage.Blobs;
using Functions.Tests.Fixtures;
using Functions.Tests.Hosting;
using Functions.Tests.Media;
using Local.BlobStorage;
using Local.Orchestrations;
using Microsoft.Extensions.DependencyInjection;

namespace Functions.Tests.BlobStorage;

/// <summary>How the embedded host learns of uploads to Blob Storage, and what of them Blob Storage cannot refuse.</summary>
public sealed class UploadPollingTests(AzuriteFixture azurite) : IDisposable
{
    private readonly TempFolder _folder = new();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private static byte[] Photo { get; } = ImageEngineContract.QuartersPng(64, 48);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task An_upload_url_leads_straight_to_storage()
    {
        await using var host = await StartAsync();
        using var alice = await ClientAsync(host);

        var slot = await MediaUpload.AnnounceAsync(alice, 10, "image/png");

        Assert.StartsWith((await azurite.ClientAsync()).Uri + "/uploads/user/", slot.Url, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.NotFound, (await alice.SendAsync(HttpMethod.Put, "/blobs/uploads/user/a/b", null)).Status);
    }

    [Fact]
    public async Task What_is_uploaded_while_the_process_is_down_is_processed_after_its_start()
    {
        MediaUpload.Slot slot;
        string[] arguments = ["--port", "0", "--data", _folder.Path, .. await azurite.ArgumentsAsync()];
        await using (var host = LocalProcess.Start(arguments))
        {
            var url = await host.WaitForUrlAsync();
            using var alice = await ApiClient.CreateAsync(url, new Uri(url, "/dev/token"), "alice");
            slot = await MediaUpload.AnnounceAsync(alice, Photo.Length, "image/png");
            await host.KillAsync();
        }

        Assert.Equal(HttpStatusCode.Created, await MediaUpload.PutAsync(slot, Photo));

        await using var again = await StartAsync();
        using var client = await ClientAsync(again, "alice");
        Assert.Equal("ready", (await MediaUpload.WaitAsync(client, slot.Id)).GetProperty("status").GetString());
    }

    [Fact]
    public async Task An_upload_that_cannot_be_handed_on_is_tried_again_and_holds_up_no_other()
    {
        var failing = new ConcurrentDictionary<string, bool>();
        await using var host = await LocalBackend.StartWithAsync(
            services => services.AddSingleton(provider => UploadEventsTests.FailingStarts.Before(
                ActivatorUtilities.CreateInstance<EmbeddedOrchestratorClient>(provider), failing)),
            _folder.Path, [.. await azurite.ArgumentsAsync(), "--Changes:MaxRetrySeconds=1"]);
        using var alice = await ClientAsync(host);
        var stuck = await MediaUpload.AnnounceAsync(alice, Photo.Length, "image/png");
        failing[stuck.Id] = true;
        await MediaUpload.PutAsync(stuck, Photo);
        await Eventually.TrueAsync(async () => await StatusAsync(alice, stuck.Id) == "uploaded");

        foreach (var other in await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => MediaUpload.UploadAsync(alice, Photo, "image/png"))))
        {
            Assert.Equal("ready", (await MediaUpload.WaitAsync(alice, other)).GetProperty("status").GetString());
        }

        Assert.Equal("uploaded", await StatusAsync(alice, stuck.Id));
        failing.Clear();
        Assert.Equal("ready", (await MediaUpload.WaitAsync(alice, stuck.Id)).GetProperty("status").GetString());
    }

    [Fact]
    public async Task What_storage_cannot_refuse_is_refused_when_it_is_inspected_and_not_kept()
    {
        await using var host = await StartAsync("--Media:MaxUploadBytes=2000");
        using var alice = await ClientAsync(host);
        var uploads = (await azurite.ClientAsync()).GetBlobContainerClient("uploads");

        async Task<string?> ReasonAsync(MediaUpload.Slot slot, byte[] content)
        {
            Assert.Equal(HttpStatusCode.Created, await MediaUpload.PutAsync(slot, content));
            return (await MediaUpload.WaitAsync(alice, slot.Id)).GetProperty("reason").GetString();
        }

        var larger = await MediaUpload.AnnounceAsync(alice, 100, "image/png");
        Assert.Equal("size_mismatch", await ReasonAsync(larger, new byte[101]));
        var huge = await MediaUpload.AnnounceAsync(alice, 100, "image/png");
        Assert.Equal("too_large", await ReasonAsync(huge, new byte[2001]));
        var other = await MediaUpload.AnnounceAsync(alice, 100, "image/png");
        other = other with { Headers = new Dictionary<string, string>(other.Headers) { ["Content-Type"] = "text/html" } };
        Assert.Equal("not_an_image", await ReasonAsync(other, new byte[100]));

        foreach (var slot in (MediaUpload.Slot[])[larger, huge])
        {
            var blob = uploads.GetBlobClient(new BlobUriBuilder(new Uri(slot.Url)).BlobName);
            await Eventually.TrueAsync(async () => !await blob.ExistsAsync(Ct));

            // Nothing is left that storage could refuse to overwrite; what comes now is dropped.
            Assert.Equal(HttpStatusCode.Created, await MediaUpload.PutAsync(slot, Photo));
            await Eventually.TrueAsync(async () => !await blob.ExistsAsync(Ct));
            Assert.Equal("failed", await StatusAsync(alice, slot.Id));
        }
    }

    [Fact]
    public async Task Nothing_is_asked_of_storage_where_nothing_can_come()
    {
        await using var host = await StartAsync();
        using var alice = await ClientAsync(host);
        var slots = host.App.Services.GetRequiredService<UploadSlots>();
        var now = TimeProvider.System.GetUtcNow();
        await slots.OpenAsync("user/alice/past", now.AddHours(-2), now.AddHours(-1), Ct);
        await slots.OpenAsync("user/alice/present", now.AddMinutes(-10), now.AddHours(1), Ct);

        await Eventually.TrueAsync(() => Task.FromResult(slots.Due(now.AddYears(1)).Count == 1));

        await Eventually.TrueAsync(() => Task.FromResult(slots.Due(TimeProvider.System.GetUtcNow()).Count == 0));
        var present = Assert.Single(slots.Due(now.AddYears(1)));
        Assert.InRange(present.NextLook - now, TimeSpan.FromSeconds(30), TimeSpan.FromSeconds(40)); // a twentieth of its age
    }

    [Fact]
    public async Task The_readiness_probe_fails_while_storage_is_away()
    {
        await using var own = new AzuriteFixture();
        await using var host = await LocalBackend.StartAsync(_folder.Path, await own.ArgumentsAsync());
        using var anyone = new ApiClient(host.Url, "", null);
        Assert.Equal(HttpStatusCode.OK, (await anyone.GetAsync("/health/ready")).Status);

        await own.DisposeAsync();

        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await anyone.GetAsync("/health/ready")).Status);
    }

    [Fact]
    public async Task Pages_that_may_call_the_api_may_upload()
    {
        await using var own = new AzuriteFixture();
        var arguments = await own.ArgumentsAsync();
        await using (await LocalBackend.StartAsync(_folder.Path, [.. arguments, "--Http:CorsOrigins:0=https://old.example.com"]))
        {
            // Its rule stays.
        }

        await using var host = await LocalBackend.StartAsync(_folder.Path, [.. arguments, "--Http:CorsOrigins:0=https://app.example.com"]);
        using var alice = await ClientAsync(host);
        var slot = await MediaUpload.AnnounceAsync(alice, 10, "image/png");

        Assert.Equal(HttpStatusCode.OK, await PreflightAsync(slot.Url, "https://app.example.com"));
        Assert.Equal(HttpStatusCode.Forbidden, await PreflightAsync(slot.Url, "https://old.example.com"));
    }

    private static async Task<HttpStatusCode> PreflightAsync(string url, string origin)
    {
        using var http = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Options, url);
        request.Headers.Add("Origin", origin);
        request.Headers.Add("Access-Control-Request-Method", "PUT");
        request.Headers.Add("Access-Control-Request-Headers", "content-type,x-ms-blob-type");
        using var response = await http.SendAsync(request, Ct);
        return response.StatusCode;
    }

    private async Task<LocalBackend> StartAsync(params string[] more) =>
        await LocalBackend.StartAsync(_folder.Path, [.. await azurite.ArgumentsAsync(), .. more]);

    private static Task<ApiClient> ClientAsync(LocalBackend host, string? sub = null) =>
        ApiClient.CreateAsync(host.Url, new Uri(host.Url, "/dev/token"), sub ?? $"user-{Guid.NewGuid():n}");

    private static async Task<string?> StatusAsync(ApiClient client, string media) =>
        (await client.GetAsync($"/v1/media/{media}")).Json.GetProperty("status").GetString();
}
