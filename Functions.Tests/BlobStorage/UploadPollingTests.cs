using System.Collections.Concurrent;
using System.Net;
using Azure.Storage.Blobs;
using Backend.Media;
using Functions.Tests.Fixtures;
using Functions.Tests.Hosting;
using Functions.Tests.Media;
using Local.BlobStorage;
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
    public async Task An_upload_that_cannot_be_handed_on_does_not_hold_up_the_others_and_is_tried_again()
    {
        var broken = new BrokenBlobs();
        await using var host = await LocalBackend.StartWithAsync(
            services => services.AddSingleton<IMediaStore>(provider => broken.InFrontOf(ActivatorUtilities.CreateInstance<WatchedMediaStore>(provider))),
            _folder.Path, await azurite.ArgumentsAsync());
        using var alice = await ClientAsync(host);
        var bad = await MediaUpload.AnnounceAsync(alice, Photo.Length, "image/png");
        broken.Break(bad.Id);
        Assert.Equal(HttpStatusCode.Created, await MediaUpload.PutAsync(bad, Photo));
        await Eventually.TrueAsync(() => Task.FromResult(broken.Asked(bad.Id) >= 3));

        foreach (var good in await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => MediaUpload.UploadAsync(alice, Photo, "image/png"))))
        {
            Assert.Equal("ready", (await MediaUpload.WaitAsync(alice, good)).GetProperty("status").GetString());
        }

        Assert.Equal("pending", (await alice.GetAsync($"/v1/media/{bad.Id}")).Json.GetProperty("status").GetString());
        Assert.InRange(broken.Asked(bad.Id), 3, 12); // ever more rarely
        broken.Mend(bad.Id);
        Assert.Equal("ready", (await MediaUpload.WaitAsync(alice, bad.Id)).GetProperty("status").GetString());
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
            var name = new BlobUriBuilder(new Uri(slot.Url)).BlobName;
            await Eventually.TrueAsync(async () => !await uploads.GetBlobClient(name).ExistsAsync(Ct));
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

    /// <summary>Some blobs of a store cannot be read, as if what they need were not there.</summary>
    private sealed class BrokenBlobs
    {
        private readonly ConcurrentDictionary<string, int> _asked = new();
        private readonly ConcurrentDictionary<string, bool> _broken = new();

        public void Break(string id) => _broken[id] = true;

        public void Mend(string id) => _broken[id] = false;

        public int Asked(string id) => _asked.GetValueOrDefault(id);

        public IMediaStore InFrontOf(IMediaStore inner) => new Store(this, inner);

        private sealed class Store(BrokenBlobs blobs, IMediaStore inner) : IMediaStore
        {
            public Task<BlobProperties?> FindAsync(BlobName name, CancellationToken ct)
            {
                var id = name.Path.Split('/')[2];
                blobs._asked.AddOrUpdate(id, 1, static (_, count) => count + 1);
                return blobs._broken.GetValueOrDefault(id) ? throw new InvalidOperationException("broken") : inner.FindAsync(name, ct);
            }

            public Task<UploadTarget> CreateUploadAsync(BlobName name, UploadTerms terms, CancellationToken ct) => inner.CreateUploadAsync(name, terms, ct);

            public Task<Stream?> OpenReadAsync(BlobName name, BlobRange? range, CancellationToken ct) => inner.OpenReadAsync(name, range, ct);

            public Task<BlobProperties> WriteAsync(BlobName name, Stream content, string contentType, CancellationToken ct) =>
                inner.WriteAsync(name, content, contentType, ct);

            public Task DeleteAsync(BlobName name, CancellationToken ct) => inner.DeleteAsync(name, ct);

            public Task<BlobPage> ListAsync(BlobPrefix prefix, string? after, int limit, CancellationToken ct) => inner.ListAsync(prefix, after, limit, ct);

            public Task<LocalBlob?> OpenFileAsync(BlobName name, CancellationToken ct) => inner.OpenFileAsync(name, ct);

            public Task CheckAsync(CancellationToken ct) => inner.CheckAsync(ct);
        }
    }
}
