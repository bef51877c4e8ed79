using System.Net;
using Backend.Media;
using Functions.Tests.Fixtures;
using Local.Images;
using Microsoft.Extensions.DependencyInjection;

namespace Functions.Tests.Media;

/// <summary>Images on a host whose operator has changed what may be asked for, and whose clock goes forward.</summary>
public sealed class MediaDeliveryOptionsTests : IAsyncLifetime
{
    private readonly ShiftedTime _time = new();
    private readonly HeldEngine _engine = new();
    private LocalBackend? _host;
    private ApiClient? _alice;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private LocalBackend Host => _host ?? throw new InvalidOperationException("Not started");

    private ApiClient Alice => _alice ?? throw new InvalidOperationException("Not started");

    public async ValueTask InitializeAsync()
    {
        _host = await LocalBackend.StartWithAsync(
            services => services.AddSingleton<TimeProvider>(_time).AddSingleton<IImageEngine>(_engine), null,
            "--Media:Widths:0=100", "--Media:Widths:1=300", "--Media:Formats:0=avif", "--Media:Formats:1=jpeg",
            "--Media:NegotiatedFormats:0=avif", "--Media:MinTransformQuality=50", "--Media:TransformQuality=60", "--Media:MaxTransformQuality=70",
            "--Media:MaxPendingTransforms=1");
        _alice = await ApiClient.CreateAsync(Host.Url, new Uri(Host.Url, "/dev/token"), "alice");
    }

    public async ValueTask DisposeAsync()
    {
        _engine.Release();
        _alice?.Dispose();
        await Host.DisposeAsync();
    }

    [Fact]
    public async Task What_may_be_asked_for_is_the_operators()
    {
        var media = await ReadyAsync();

        var small = await Alice.GetAsync($"/i/{media}?w=40", ("Accept", "image/avif,image/webp,*/*"));
        var large = await Alice.GetAsync($"/i/{media}?w=101&format=jpeg");

        Assert.Equal(("image/avif", 100), (small.ContentType, await WidthAsync(small)));
        Assert.Equal(("image/jpeg", 300), (large.ContentType, await WidthAsync(large)));
        Assert.Equal("image/jpeg", (await Alice.GetAsync($"/i/{media}?w=100", ("Accept", "image/webp"))).ContentType);
        Assert.Equal(["w out_of_range"], (await Alice.GetAsync($"/i/{media}?w=301")).Errors);
        Assert.Equal(["format unsupported_format"], (await Alice.GetAsync($"/i/{media}?w=100&format=webp")).Errors);
        Assert.Equal(["q out_of_range"], (await Alice.GetAsync($"/i/{media}?w=100&q=75")).Errors);
        Assert.Equal(["q out_of_range"], (await Alice.GetAsync($"/i/{media}?w=100&q=45")).Errors);
    }

    [Fact]
    public async Task More_images_at_once_than_are_made_answer_503_and_those_who_wait_get_theirs()
    {
        var media = await ReadyAsync();
        _engine.Hold();
        var first = Alice.GetAsync($"/i/{media}?w=100&format=jpeg");
        await _engine.Held.WaitAsync(Ct);
        var same = Alice.GetAsync($"/i/{media}?w=90&format=jpeg");

        var other = await Alice.GetAsync($"/i/{media}?w=300&format=jpeg");
        _engine.Release();

        other.AssertProblem(HttpStatusCode.ServiceUnavailable, "unavailable");
        Assert.NotEmpty(other.Headers["Retry-After"]);
        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.OK), ((await first).Status, (await same).Status));
        Assert.Equal(HttpStatusCode.OK, (await Alice.GetAsync($"/i/{media}?w=300&format=jpeg")).Status);
    }

    [Fact]
    public async Task A_signed_url_lives_one_to_two_periods_and_heeds_Save_Data()
    {
        var media = await ReadyAsync();
        using var anyone = new ApiClient(Host.Url, "", null);
        var url = await DisplayUrlAsync(media);

        var full = await anyone.GetAsync(url);
        var light = await anyone.GetAsync(url, ("Save-Data", "on"));
        _time.Advance(TimeSpan.FromHours(23));
        var later = await anyone.GetAsync(url);
        _time.Advance(TimeSpan.FromHours(25));

        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.OK), (full.Status, later.Status));
        Assert.InRange(light.Bytes.Length, 1, full.Bytes.Length * 9 / 10);
        Assert.Equal(("Save-Data", "Save-Data"), (full.Headers["Vary"], light.Headers["Vary"]));
        (await anyone.GetAsync(url)).AssertProblem(HttpStatusCode.Forbidden, "bad_signature");
        (await anyone.GetAsync(url.Replace("&exp=", "&exp=9", StringComparison.Ordinal))).AssertProblem(HttpStatusCode.Forbidden, "bad_signature");
        Assert.Equal(HttpStatusCode.OK, (await anyone.GetAsync(await DisplayUrlAsync(media))).Status);
    }

    private async Task<string> ReadyAsync()
    {
        var media = await MediaUpload.UploadAsync(Alice, await File.ReadAllBytesAsync(RepositoryFiles.Photo, Ct), "image/jpeg");
        Assert.Equal("ready", (await MediaUpload.WaitAsync(Alice, media)).GetProperty("status").GetString());
        return media;
    }

    private async Task<string> DisplayUrlAsync(string media) => (await Alice.GetAsync($"/v1/media/{media}")).Json.GetProperty("renditions")
        .EnumerateArray().Single(rendition => rendition.GetProperty("preset").GetString() == "display").GetProperty("url").GetString() ?? "";

    private async Task<int> WidthAsync(ApiAnswer image)
    {
        using var folder = new TempFolder();
        await File.WriteAllBytesAsync(folder.File("image"), image.Bytes, Ct);
        return (await _engine.InspectAsync(folder.File("image"), new ImageLimits(1_000_000, 1, TimeSpan.FromSeconds(30)), Ct)).Width;
    }

    /// <summary>The real engine, whose renderings can be made to wait.</summary>
    private sealed class HeldEngine : IImageEngine
    {
        private readonly LibvipsImageEngine _inner = new(2);
        private readonly TaskCompletionSource _held = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private TaskCompletionSource? _gate;

        /// <summary>Completes when a rendering waits.</summary>
        public Task Held => _held.Task;

        public void Hold() => _gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

        public void Release() => _gate?.TrySetResult();

        public bool CanWrite(ImageFormat format) => _inner.CanWrite(format);

        public Task<ImageInfo> InspectAsync(string path, ImageLimits limits, CancellationToken ct) => _inner.InspectAsync(path, limits, ct);

        public async Task<EncodedImage> RenderAsync(
            string path, RenditionSpec spec, ImageLimits limits, Stream output, CancellationToken ct)
        {
            if (_gate is { } gate)
            {
                _held.TrySetResult();
                await gate.Task.WaitAsync(ct);
            }

            return await _inner.RenderAsync(path, spec, limits, output, ct);
        }

        public Task<PixelGrid> SampleAsync(string path, int size, ImageLimits limits, CancellationToken ct) =>
            _inner.SampleAsync(path, size, limits, ct);
    }
}
