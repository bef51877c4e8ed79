using System.Net;
using System.Text.Json;
using Backend.Media;
using Backend.Media.Delivery;
using Backend.Records;
using Backend.Spaces;
using Functions.Tests.Fixtures;
using Functions.Tests.Spaces;
using Local.Images;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Functions.Tests.Media;

/// <summary>Images made on demand, negotiated, in spaces and public, on a host with a model of its own.</summary>
public class MediaDeliveryTests : IAsyncLifetime
{
    private readonly ModelFolder _model = new();
    private readonly CountingEngine _engine = new();
    private LocalBackend? _host;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private LocalBackend Host => _host ?? throw new InvalidOperationException("Not started");

    public async ValueTask InitializeAsync()
    {
        await File.WriteAllTextAsync(Path.Combine(_model.Path, "media.json"), """
            {
              "presets": {
                "auto": { "width": 200, "height": 200, "format": "auto", "animated": true },
                "jpeg": { "width": 100, "height": 50, "fit": "contain", "format": "jpeg", "quality": 80 }
              },
              "keepPosition": true,
              "space": { "read": "true", "create": "space.role in ['owner', 'editor']", "delete": "record.owner == user.id" },
              "public": { "read": "true", "create": "'editor' in user.roles" }
            }
            """, Ct);
        _model.Settings = await ArgumentsAsync();
        _host = await _model.StartAsync(services => services.AddSingleton<IImageEngine>(_engine));
    }

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        await Host.DisposeAsync();
        _model.Dispose();
    }

    /// <summary>Where the host keeps its media: in files, unless its command line says otherwise.</summary>
    protected virtual Task<string[]> ArgumentsAsync() => Task.FromResult<string[]>([]);

    [Fact]
    public async Task An_image_is_made_on_demand_once_for_all_who_ask_at_the_same_time()
    {
        using var alice = await ClientAsync("alice");
        var media = await ReadyAsync(alice, ImageEngineContract.QuartersPng(400, 200));
        var url = (await SignAsync(alice, media, """{"w":90,"h":90,"fit":"cover","format":"png"}"""))[0];
        using var anyone = new ApiClient(Host.Url, "", null);
        var before = _engine.Renders;

        var answers = await Task.WhenAll(Enumerable.Range(0, 40).Select(_ => anyone.GetAsync(url)));
        var later = await anyone.GetAsync(url);

        Assert.Equal(before + 1, _engine.Renders);
        Assert.All(answers.Append(later), answer => Assert.Equal((HttpStatusCode.OK, later.ETag), (answer.Status, answer.ETag)));
        var image = TestPng.Decode(later.Bytes);
        Assert.Equal((96, 96), (image.Width, image.Height)); // on the ladder
        Assert.Contains("immutable", later.Headers["Cache-Control"], StringComparison.Ordinal);
        Assert.False(later.Headers.ContainsKey("Vary"));
        Assert.Equal(HttpStatusCode.NotModified, (await anyone.GetAsync(url, ("If-None-Match", later.ETag ?? ""))).Status);
        Assert.Equal(later.Bytes[5..9], (await anyone.GetAsync(url, ("Range", "bytes=5-8"))).Bytes);
        var head = await anyone.SendAsync(HttpMethod.Head, url, null);
        Assert.Equal($"{later.Bytes.Length}", head.Headers["Content-Length"]);
    }

    [Fact]
    public async Task An_image_is_made_once_by_all_processes_and_by_another_when_its_maker_dies()
    {
        using var alice = await ClientAsync("alice");
        var media = await ReadyAsync(alice, ImageEngineContract.QuartersPng(400, 200));
        var version = (await alice.PullAsync()).Records.Single(record => record.GetProperty("id").GetString() == media).GetProperty("version").GetString() ?? "";
        // What each process has of its own; the stores behind them are the same.
        var processes = Enumerable.Range(0, 4).Select(_ => ActivatorUtilities.CreateInstance<DerivedImages>(Host.App.Services)).ToList();
        Task<DerivedImage> MakeAsync(DerivedImages process, int width) => process.GetAsync(
            Scope.ForUser("alice"), MediaId(media), version, new ImageTransform { Width = width, Quality = 75 }, ImageFormat.Png, Ct);

        var before = _engine.Renders;
        var made = await Task.WhenAll(Enumerable.Range(0, 40).Select(i => MakeAsync(processes[i % processes.Count], 96)));

        Assert.All(made, image => Assert.IsType<DerivedImage.Found>(image));
        Assert.Equal(before + 1, _engine.Renders);

        var name = BlobName.ForRendition(
            Scope.ForUser("alice"), MediaId(media), version, new ImageTransform { Width = 64, Quality = 75 }.FileName(ImageFormat.Png));
        var dying = new ImageClaims(
            Host.App.Services.GetRequiredService<IRecordStore>(), Options.Create(new MediaOptions { TimeoutSeconds = 1 }), TimeProvider.System);
        Assert.NotNull(await dying.TakeAsync(Scope.ForUser("alice"), name, Ct));

        Assert.IsType<DerivedImage.Found>(await MakeAsync(processes[0], 64));
        Assert.Equal(before + 2, _engine.Renders);
    }

    [Fact]
    public async Task An_image_that_could_not_be_made_can_be_tried_again_at_once()
    {
        using var alice = await ClientAsync("alice");
        var media = await ReadyAsync(alice, ImageEngineContract.QuartersPng(400, 200));
        _engine.Failure = new ImageRejectedException(ImageFault.Timeout, "It took too long.");

        (await alice.GetAsync($"/i/{media}?w=64&format=png")).AssertProblem(HttpStatusCode.ServiceUnavailable, "unavailable");
        _engine.Failure = null;

        Assert.Equal(HttpStatusCode.OK, (await alice.GetAsync($"/i/{media}?w=64&format=png")).Status);
    }

    [Fact]
    public async Task Pixel_ratio_and_focus_and_the_one_spelling_of_an_image()
    {
        using var alice = await ClientAsync("alice");
        var media = await ReadyAsync(alice, ImageEngineContract.QuartersPng(400, 200));

        var left = TestPng.Decode((await alice.GetAsync($"/i/{media}?w=64&h=64&fit=cover&focus=0,0.5&format=png")).Bytes);
        var right = TestPng.Decode((await alice.GetAsync($"/i/{media}?w=64&h=64&fit=cover&focus=1,0.5&format=png")).Bytes);
        var filled = TestPng.Decode((await alice.GetAsync($"/i/{media}?w=64&h=64&fit=fill&format=png")).Bytes);
        var doubled = TestPng.Decode((await alice.GetAsync($"/i/{media}?w=32&h=32&dpr=2&fit=contain&format=png")).Bytes);
        var before = _engine.Renders;
        var again = await alice.GetAsync($"/i/{media}?h=60&w=60&fit=contain&format=png&q=74");

        Assert.Equal(((255, 0, 0), (255, 0, 0)), (left.At(5, 5), left.At(60, 5)));
        Assert.Equal(((0, 255, 0), (0, 255, 0)), (right.At(5, 5), right.At(60, 5)));
        Assert.Equal(((255, 0, 0), (0, 255, 0)), (filled.At(5, 5), filled.At(60, 5)));
        Assert.Equal((64, 64, (255, 255, 255), (255, 0, 0)), (doubled.Width, doubled.Height, doubled.At(5, 5), doubled.At(5, 20)));
        Assert.Contains("no-cache", again.Headers["Cache-Control"], StringComparison.Ordinal);
        Assert.Equal(before, _engine.Renders); // 60 pixels and quality 74 are 64 and 75, which there was
    }

    [Fact]
    public async Task The_format_follows_Accept_and_Vary_says_so()
    {
        using var alice = await ClientAsync("alice");
        var opaque = await ReadyAsync(alice, ImageEngineContract.QuartersPng(400, 200));
        var clear = await ReadyAsync(alice, TestPng.Encode(40, 40, 4, (x, _, c) => c == 3 ? x * 6 : 200));

        foreach (var path in (string[])["?w=64", "/auto?x="])
        {
            async Task<ApiAnswer> GetAsync(string media, string accept) => await alice.GetAsync($"/i/{media}{path}", ("Accept", accept));

            var modern = await GetAsync(opaque, "image/avif,image/webp,*/*");
            Assert.Equal(("image/webp", "Accept, Save-Data"), (modern.ContentType, modern.Headers["Vary"]));
            Assert.Equal("image/jpeg", (await GetAsync(opaque, "*/*")).ContentType);
            Assert.Equal("image/jpeg", (await GetAsync(opaque, "image/webp;q=0, image/*")).ContentType);
            Assert.Equal("image/png", (await GetAsync(clear, "image/png,*/*")).ContentType);
            Assert.Equal("image/webp", (await GetAsync(clear, "image/webp")).ContentType);
        }

        var signed = (await alice.GetAsync($"/v1/media/{opaque}")).Json.GetProperty("renditions").EnumerateArray()
            .ToDictionary(r => r.GetProperty("preset").GetString() ?? "", r => r.GetProperty("url").GetString() ?? "");
        Assert.Equal("image/jpeg", (await alice.GetAsync(signed["auto"], ("Accept", "*/*"))).ContentType);
        Assert.Equal("image/webp", (await alice.GetAsync(signed["auto"], ("Accept", "image/webp"))).ContentType);
        Assert.Equal("Save-Data", (await alice.GetAsync(signed["jpeg"])).Headers["Vary"]);
    }

    [Fact]
    public async Task The_record_says_where_a_photo_was_taken_if_the_model_asks_and_no_image_does()
    {
        using var alice = await ClientAsync("alice");
        var media = await ReadyAsync(alice, await File.ReadAllBytesAsync(RepositoryFiles.Photo, Ct), "image/jpeg");

        var position = (await alice.GetAsync($"/v1/media/{media}")).Json.GetProperty("position");

        Assert.InRange(position.GetProperty("latitude").GetDouble(), -90, 90);
        foreach (var format in (string[])["jpeg", "webp", "png"])
        {
            Assert.False(ExifReader.HasGps((await alice.GetAsync($"/i/{media}?w=64&format={format}")).Bytes));
        }
    }

    [Fact]
    public async Task An_animation_moves_for_those_who_can_show_it()
    {
        using var alice = await ClientAsync("alice");
        var media = await ReadyAsync(alice, ImageEngineTestFiles.Gif(2, 2, 5), "image/gif");
        var path = Path.Combine(_model.Data, "image");

        async Task<int> FramesAsync(string url, string accept)
        {
            await File.WriteAllBytesAsync(path, (await alice.GetAsync(url, ("Accept", accept))).Bytes, Ct);
            return (await _engine.InspectAsync(path, new ImageLimits(1000, 10, TimeSpan.FromSeconds(5)), Ct)).Frames;
        }

        Assert.Equal(5, (await alice.GetAsync($"/v1/media/{media}")).Json.GetProperty("frames").GetInt32());
        Assert.Equal(5, await FramesAsync($"/i/{media}/auto", "image/webp"));
        Assert.Equal(1, await FramesAsync($"/i/{media}/auto", "*/*"));
        Assert.Equal(5, await FramesAsync($"/i/{media}?w=32&animated=true&format=webp", "*/*"));
        Assert.Equal(1, await FramesAsync($"/i/{media}?w=32&format=webp", "*/*"));
    }

    [Fact]
    public async Task Who_saves_data_gets_a_lighter_image()
    {
        using var alice = await ClientAsync("alice");
        var media = await ReadyAsync(alice, await File.ReadAllBytesAsync(RepositoryFiles.Photo, Ct), "image/jpeg");

        foreach (var path in (string[])[$"/i/{media}/jpeg", $"/i/{media}?w=320&format=webp"])
        {
            var full = await alice.GetAsync(path);
            var light = await alice.GetAsync(path, ("Save-Data", "on"));

            Assert.Equal((HttpStatusCode.OK, full.ContentType), (light.Status, light.ContentType));
            Assert.InRange(light.Bytes.Length, 1, full.Bytes.Length * 9 / 10);
            Assert.Equal("Save-Data", light.Headers["Vary"]);
        }
    }

    [Theory]
    [InlineData("", "w required")]
    [InlineData("w=0", "w out_of_range")]
    [InlineData("w=3841", "w out_of_range")]
    [InlineData("w=2000&dpr=2", "w out_of_range")]
    [InlineData("h=99999", "h out_of_range")]
    [InlineData("w=32&h=9000", "h out_of_range")]
    [InlineData("w=-5", "w wrong_type")]
    [InlineData("w=1e3", "w wrong_type")]
    [InlineData("w=64&dpr=5", "dpr out_of_range")]
    [InlineData("w=64&dpr=x", "dpr wrong_type")]
    [InlineData("w=64&q=91", "q out_of_range")]
    [InlineData("w=64&q=29", "q out_of_range")]
    [InlineData("w=64&format=gif", "format unsupported_format")]
    [InlineData("w=64&format=avif", "format unsupported_format")]
    [InlineData("w=64&fit=crop", "fit not_in_enum")]
    [InlineData("w=64&fit=cover", "h required")]
    [InlineData("w=64&h=64&fit=cover&focus=2,0", "focus wrong_type")]
    [InlineData("w=64&focus=attention", "focus not_supported")]
    [InlineData("w=64&enlarge=yes", "enlarge wrong_type")]
    public async Task What_is_beyond_the_limits_is_refused_before_any_work(string query, string error)
    {
        using var alice = await ClientAsync("alice");

        var answer = await alice.GetAsync($"/i/there-is-no-such-media?{query}");

        answer.AssertProblem(HttpStatusCode.BadRequest, "validation_failed");
        Assert.Equal([error], answer.Errors);
        Assert.Equal(0, _engine.Renders);
    }

    [Fact]
    public async Task A_signed_url_is_good_for_its_image_only()
    {
        using var alice = await ClientAsync("alice");
        using var bob = await ClientAsync("bob");
        using var anyone = new ApiClient(Host.Url, "", null);
        var media = await ReadyAsync(alice, ImageEngineContract.QuartersPng(400, 200));
        var url = new Uri((await SignAsync(alice, media, """{"w":320,"q":50}"""))[0]).PathAndQuery;

        Assert.Equal(HttpStatusCode.OK, (await anyone.GetAsync(url)).Status);
        foreach (var (part, other) in new[] { ("w=320", "w=640"), ("q=50", "q=90"), ("format=auto", "format=png"), ("exp=", "exp=1") })
        {
            (await anyone.GetAsync(url.Replace(part, other, StringComparison.Ordinal))).AssertProblem(HttpStatusCode.Forbidden, "bad_signature");
        }

        (await anyone.GetAsync(url.Replace($"/i/{media}", $"/i/{media}/jpeg", StringComparison.Ordinal)))
            .AssertProblem(HttpStatusCode.Forbidden, "bad_signature");
        (await anyone.GetAsync($"/i/{media}?w=320")).AssertProblem(HttpStatusCode.Unauthorized, "unauthenticated");
        (await bob.GetAsync($"/i/{media}?w=320&scope=user/alice")).AssertProblem(HttpStatusCode.NotFound, "media_not_found");
        (await bob.PostAsync($"/v1/media/{media}/urls?scope=user/alice", """{"images":[{"w":32}]}"""))
            .AssertProblem(HttpStatusCode.NotFound, "media_not_found");
    }

    [Fact]
    public async Task Urls_are_signed_for_ready_media_and_good_requests()
    {
        using var alice = await ClientAsync("alice");
        var media = await ReadyAsync(alice, ImageEngineContract.QuartersPng(400, 200));
        var pending = (await MediaUpload.AnnounceAsync(alice, 10, "image/png")).Id;

        Assert.Equal(2, (await SignAsync(alice, media, """{"preset":"jpeg"},{"w":32,"dpr":1.5}""")).Count);
        (await alice.PostAsync($"/v1/media/{pending}/urls", """{"images":[{"w":32}]}""")).AssertProblem(HttpStatusCode.Conflict, "media_not_ready");
        var wrong = await alice.PostAsync(
            $"/v1/media/{media}/urls", """{"images":[{"preset":"nope"},{"w":99999},{"preset":"jpeg","w":5}]}""");
        Assert.Equal(["$.images[0].preset not_in_enum", "$.images[1].w out_of_range", "$.images[2].preset duplicate"], wrong.Errors);
        Assert.Equal(["$.images out_of_range"], (await alice.PostAsync($"/v1/media/{media}/urls", """{"images":[]}""")).Errors);
    }

    [Fact]
    public async Task Media_in_a_space_are_for_its_members()
    {
        using var alice = await ClientAsync("alice");
        using var bob = await ClientAsync("bob");
        var space = (await alice.PostAsync("/v1/spaces", """{"name":"Birds"}""")).Id;
        var scope = $"space/{space}";
        (await bob.PostAsync("/v1/media", Announcement(10, scope))).AssertProblem(HttpStatusCode.NotFound, "scope_not_found");

        var media = await ReadyAsync(alice, ImageEngineContract.QuartersPng(40, 20), scope: scope);
        (await bob.GetAsync($"/i/{media}/jpeg?scope={scope}")).AssertProblem(HttpStatusCode.NotFound, "media_not_found");
        await alice.LetInAsync(space, bob, "viewer");

        Assert.Equal(HttpStatusCode.OK, (await bob.GetAsync($"/i/{media}/jpeg?scope={scope}")).Status);
        (await bob.DeleteAsync($"/v1/media/{media}?scope={scope}")).AssertProblem(HttpStatusCode.Forbidden, "forbidden");
        (await bob.PostAsync("/v1/media", Announcement(10, scope))).AssertProblem(HttpStatusCode.Forbidden, "forbidden");
        (await alice.PostAsync($"/v1/media/{media}/upload?scope={scope}", Announcement(10))).AssertProblem(HttpStatusCode.Forbidden, "forbidden");
        Assert.Equal(HttpStatusCode.NoContent, (await alice.DeleteAsync($"/v1/media/{media}?scope={scope}")).Status);
    }

    [Fact]
    public async Task What_somebody_else_in_the_space_has_uploaded_is_no_duplicate()
    {
        using var alice = await ClientAsync("alice");
        using var bob = await ClientAsync("bob");
        var space = (await alice.PostAsync("/v1/spaces", """{"name":"Birds"}""")).Id;
        await alice.LetInAsync(space, bob, "editor");
        var (scope, image) = ($"space/{space}", ImageEngineContract.QuartersPng(40, 20));
        var first = await ReadyAsync(alice, image, scope: scope);

        var others = await ReadyAsync(bob, image, scope: scope);
        var again = await ReadyAsync(alice, image, scope: scope);

        Assert.False((await bob.GetAsync($"/v1/media/{others}?scope={scope}")).Json.TryGetProperty("duplicateOf", out _));
        Assert.Equal(first, (await alice.GetAsync($"/v1/media/{again}?scope={scope}")).Json.GetProperty("duplicateOf").GetString());
    }

    [Fact]
    public async Task A_purged_space_leaves_no_blobs()
    {
        using var alice = await ClientAsync("alice");
        var space = (await alice.PostAsync("/v1/spaces", """{"name":"Birds"}""")).Id;
        await ReadyAsync(alice, ImageEngineContract.QuartersPng(40, 20), scope: $"space/{space}");
        Assert.True(Scope.TryParse($"space/{space}", out var scope));
        var store = Host.App.Services.GetRequiredService<IMediaStore>();
        Assert.Single((await store.ListAsync(BlobName.UploadsOf(scope), null, 10, Ct)).Names);

        using var services = Host.App.Services.CreateScope();
        await services.ServiceProvider.GetRequiredService<DeleteSpaceRecords>()
            .RunAsync(new PurgeSpaceInput(space, "", DateTimeOffset.MinValue), Ct);

        Assert.Empty((await store.ListAsync(BlobName.UploadsOf(scope), null, 10, Ct)).Names);
    }

    [Fact]
    public async Task Public_media_are_for_everybody_and_for_shared_caches()
    {
        using var editor = await ModelFolder.ClientAsync(Host, "editor", "editor");
        using var alice = await ClientAsync("alice");
        using var anyone = new ApiClient(Host.Url, "", null);
        (await alice.PostAsync("/v1/media", Announcement(10, "public/media"))).AssertProblem(HttpStatusCode.Forbidden, "forbidden");
        (await editor.PostAsync("/v1/media", Announcement(10, "public/other"))).AssertProblem(HttpStatusCode.NotFound, "scope_not_found");

        var media = await ReadyAsync(editor, ImageEngineContract.QuartersPng(400, 200), scope: "public/media");
        var current = await anyone.GetAsync($"/i/{media}/jpeg?scope=public/media");
        var url = (await SignAsync(alice, media, """{"w":64,"format":"jpeg"}""", "public/media"))[0];
        var signed = await anyone.GetAsync(url);

        Assert.Equal((HttpStatusCode.OK, "public, max-age=60"), (current.Status, current.Headers["Cache-Control"]));
        Assert.DoesNotContain("exp=", url, StringComparison.Ordinal);
        Assert.Equal((HttpStatusCode.OK, "public, max-age=31536000, immutable"), (signed.Status, signed.Headers["Cache-Control"]));
        (await anyone.GetAsync($"/i/{media}?w=64&scope=public/media")).AssertProblem(HttpStatusCode.Unauthorized, "unauthenticated");
        (await anyone.GetAsync($"/v1/media/{media}?scope=public/media")).AssertProblem(HttpStatusCode.Unauthorized, "unauthenticated");
        Assert.Equal(HttpStatusCode.OK, (await alice.GetAsync($"/v1/media/{media}?scope=public/media")).Status);
    }

    [Fact]
    public async Task A_server_of_presets_only_makes_nothing_else_and_a_key_that_was_rotated_still_verifies()
    {
        using var alice = await ClientAsync("alice");
        var media = await ReadyAsync(alice, ImageEngineContract.QuartersPng(400, 200));
        var old = new Uri((await SignAsync(alice, media, """{"preset":"jpeg"}"""))[0]).PathAndQuery;
        var transform = new Uri((await SignAsync(alice, media, """{"w":64}"""))[0]).PathAndQuery;
        var key = await File.ReadAllTextAsync(Path.Combine(_model.Data, "signing.key"), Ct);
        await Host.DisposeAsync();
        var newKey = Convert.ToBase64String(new byte[40]);

        _host = await _model.StartAsync("--Media:PresetsOnly=true", $"--Signing:Keys:0={newKey}", $"--Signing:Keys:1={key.Trim()}");
        using var again = await ClientAsync("alice");

        Assert.Equal(HttpStatusCode.OK, (await again.GetAsync(old)).Status);
        Assert.NotEqual(old, new Uri((await SignAsync(again, media, """{"preset":"jpeg"}"""))[0]).PathAndQuery);
        (await again.GetAsync(transform)).AssertProblem(HttpStatusCode.Forbidden, "presets_only");
        (await again.GetAsync($"/i/{media}?w=64")).AssertProblem(HttpStatusCode.Forbidden, "presets_only");
        (await again.PostAsync($"/v1/media/{media}/urls", """{"images":[{"w":64}]}""")).AssertProblem(HttpStatusCode.Forbidden, "presets_only");
    }

    private static RecordId MediaId(string text) => RecordId.TryParse(text, out var id) ? id : throw new ArgumentException(text);

    private static string Announcement(int size, string? scope = null) => scope is null
        ? $$"""{"contentType":"image/png","size":{{size}}}"""
        : $$"""{"contentType":"image/png","size":{{size}},"scope":"{{scope}}"}""";

    private static async Task<IReadOnlyList<string>> SignAsync(ApiClient client, string media, string images, string? scope = null)
    {
        var query = scope is null ? "" : $"?scope={scope}";
        var answer = await client.PostAsync($"/v1/media/{media}/urls{query}", $$"""{"images":[{{images}}]}""");
        Assert.Equal(HttpStatusCode.OK, answer.Status);
        return [.. answer.Json.GetProperty("urls").EnumerateArray().Select(url => url.GetProperty("url").GetString() ?? "")];
    }

    private static async Task<string> ReadyAsync(ApiClient client, byte[] image, string type = "image/png", string? scope = null)
    {
        var slot = scope is null
            ? await MediaUpload.AnnounceAsync(client, image.Length, type)
            : MediaUpload.Read(await client.PostAsync("/v1/media", Announcement(image.Length, scope)));
        Assert.Equal(HttpStatusCode.Created, await MediaUpload.PutAsync(slot, image));
        JsonElement media = default;
        await Eventually.TrueAsync(async () =>
        {
            media = (await client.GetAsync($"/v1/media/{slot.Id}{(scope is null ? "" : $"?scope={scope}")}")).Json;
            return media.GetProperty("status").GetString() is "ready" or "failed";
        });
        Assert.Equal("ready", media.GetProperty("status").GetString());
        return slot.Id;
    }

    private Task<ApiClient> ClientAsync(string sub) => ModelFolder.ClientAsync(Host, sub);

    /// <summary>The real engine, and how often it rendered.</summary>
    private sealed class CountingEngine : IImageEngine
    {
        private readonly LibvipsImageEngine _inner = new(2);
        private int _renders;

        public int Renders => Volatile.Read(ref _renders);

        /// <summary>What every rendering fails with.</summary>
        public Exception? Failure { get; set; }

        public bool CanWrite(ImageFormat format) => _inner.CanWrite(format);

        public Task<ImageInfo> InspectAsync(string path, ImageLimits limits, CancellationToken ct) => _inner.InspectAsync(path, limits, ct);

        public Task<EncodedImage> RenderAsync(
            string path, RenditionSpec spec, ImageLimits limits, Stream output, CancellationToken ct)
        {
            Interlocked.Increment(ref _renders);
            return Failure is { } failure ? Task.FromException<EncodedImage>(failure) : _inner.RenderAsync(path, spec, limits, output, ct);
        }

        public Task<PixelGrid> SampleAsync(string path, int size, ImageLimits limits, CancellationToken ct) =>
            _inner.SampleAsync(path, size, limits, ct);
    }
}
