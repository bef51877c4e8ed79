using System.Diagnostics;
using Backend.Media;
using static Functions.Tests.Media.ImageEngineTestFiles;

namespace Functions.Tests.Media;

/// <summary>What every <see cref="IImageEngine"/> does. The files are made by the tests.</summary>
public abstract partial class ImageEngineContract : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("images-");
    private int _files;

    /// <summary>One engine for all tests of a class: they run one after another.</summary>
    protected abstract IImageEngine Engine { get; }

    protected static ImageLimits Limits { get; } = new(50_000_000, 100, TimeSpan.FromSeconds(30));

    protected static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _folder.Delete(recursive: true);
        GC.SuppressFinalize(this);
    }

    protected string Save(byte[] content)
    {
        var path = Path.Combine(_folder.FullName, $"{Interlocked.Increment(ref _files)}");
        File.WriteAllBytes(path, content);
        return path;
    }

    protected Task<ImageInfo> InspectAsync(byte[] file) => Engine.InspectAsync(Save(file), Limits, Stop);

    protected Task<byte[]> RenderAsync(
        byte[] file, int width, int height, ImageFit fit = ImageFit.Inside, ImageFormat format = ImageFormat.Png) =>
        RenderAsync(file, new RenditionSpec(width, height, fit, format, 90));

    protected async Task<byte[]> RenderAsync(byte[] file, RenditionSpec spec)
    {
        using var output = new MemoryStream();
        var made = await Engine.RenderAsync(Save(file), spec, Limits, output, Stop);
        Assert.Equal(output.Length, made.Size);
        return output.ToArray();
    }

    /// <summary>Engines differ in what they can write; <see cref="What_it_says_it_cannot_write_it_refuses"/>.</summary>
    private void SkipUnlessWritten(ImageFormat format) => Assert.SkipUnless(Engine.CanWrite(format), $"This engine writes no {format}");

    private async Task<TestPng> PixelsAsync(byte[] file, int width, int height, ImageFit fit = ImageFit.Inside) =>
        TestPng.Decode(await RenderAsync(file, width, height, fit));

    /// <summary>A JPEG of flat quarters, top left red, top right green, bottom left blue, bottom right white.</summary>
    protected async Task<byte[]> QuartersAsync(int width, int height) =>
        await RenderAsync(QuartersPng(width, height), width, height, format: ImageFormat.Jpeg);

    internal static byte[] QuartersPng(int width, int height) =>
        TestPng.Encode(width, height, 3, (x, y, c) => Quarter(x < width / 2, y < height / 2)[c]);

    private static int[] Quarter(bool left, bool top) => (left, top) switch
    {
        (true, true) => [255, 0, 0],
        (false, true) => [0, 255, 0],
        (true, false) => [0, 0, 255],
        _ => [255, 255, 255],
    };

    private static string Name((byte R, byte G, byte B) colour) =>
        (colour.R > 128, colour.G > 128, colour.B > 128) switch
        {
            (true, false, false) => "red",
            (false, true, false) => "green",
            (false, false, true) => "blue",
            (true, true, true) => "white",
            _ => colour.ToString(),
        };

    private static void AssertNear((int R, int G, int B) expected, (byte R, byte G, byte B) actual, int tolerance)
    {
        var off = Math.Max(
            Math.Abs(expected.R - actual.R), Math.Max(Math.Abs(expected.G - actual.G), Math.Abs(expected.B - actual.B)));
        Assert.True(off <= tolerance, $"expected about {expected}, got {actual}");
    }

    private async Task<ImageFault> FaultAsync(byte[] file, ImageLimits? limits = null)
    {
        var path = Save(file);
        var spec = new RenditionSpec(64, 64, ImageFit.Cover, ImageFormat.Png, 80);
        var refusal = await Assert.ThrowsAsync<ImageRejectedException>(
            () => Engine.RenderAsync(path, spec, limits ?? Limits, Stream.Null, Stop));
        return refusal.Fault;
    }

    [Theory]
    [InlineData(ImageFormat.Jpeg)]
    [InlineData(ImageFormat.Png)]
    [InlineData(ImageFormat.WebP)]
    [InlineData(ImageFormat.Avif)]
    public async Task A_rendition_has_the_format_asked_for_and_can_be_read_back(ImageFormat format)
    {
        SkipUnlessWritten(format);
        var rendition = await RenderAsync(QuartersPng(200, 100), 100, 100, format: format);

        Assert.Equal(new ImageInfo(format, 100, 50, 1, HasAlpha: false), await InspectAsync(rendition));
        Assert.Equal("green", Name((await PixelsAsync(rendition, 100, 100)).At(90, 10)));
    }

    [Theory]
    [InlineData(ImageFormat.Jpeg)]
    [InlineData(ImageFormat.Png)]
    [InlineData(ImageFormat.WebP)]
    [InlineData(ImageFormat.Avif)]
    [InlineData(ImageFormat.Gif)]
    [InlineData(ImageFormat.Tiff)]
    [InlineData(ImageFormat.Heic)]
    public async Task What_it_says_it_cannot_write_it_refuses(ImageFormat format)
    {
        var attempt = () => RenderAsync(QuartersPng(8, 8), 8, 8, format: format);

        if (Engine.CanWrite(format))
        {
            Assert.NotEmpty(await attempt());
        }
        else
        {
            Assert.Equal("spec", (await Assert.ThrowsAsync<ArgumentException>(attempt)).ParamName);
        }

        // Every host serves these, whatever else.
        Assert.True(Engine.CanWrite(format) || format is not (ImageFormat.Jpeg or ImageFormat.Png or ImageFormat.WebP));
    }

    [Fact]
    public async Task Gif_and_tiff_are_read_and_refused_as_renditions()
    {
        var tiff = Tiff(2, 1, photometric: 2, pages: 1, [255, 0, 0, 0, 0, 255]);

        Assert.Equal(new ImageInfo(ImageFormat.Tiff, 2, 1, 1, false), await InspectAsync(tiff));
        Assert.Equal("blue", Name((await PixelsAsync(tiff, 2, 2)).At(1, 0)));
        Assert.Equal("red", Name((await PixelsAsync(Gif(2, 2, 1), 2, 2)).At(1, 1)));
        await Assert.ThrowsAsync<ArgumentException>(() => RenderAsync(tiff, 2, 2, format: ImageFormat.Tiff));
    }

    [Theory]
    [InlineData(1, "red", "green", "blue", "white")]
    [InlineData(2, "green", "red", "white", "blue")]
    [InlineData(3, "white", "blue", "green", "red")]
    [InlineData(4, "blue", "white", "red", "green")]
    [InlineData(5, "red", "blue", "green", "white")]
    [InlineData(6, "blue", "red", "white", "green")]
    [InlineData(7, "white", "green", "blue", "red")]
    [InlineData(8, "green", "white", "red", "blue")]
    public async Task Every_orientation_is_applied(int orientation, string nw, string ne, string sw, string se)
    {
        var photo = WithExif(await QuartersAsync(320, 160), orientation);
        var (width, height) = orientation >= 5 ? (160, 320) : (320, 160);

        var info = await InspectAsync(photo);
        var small = await PixelsAsync(photo, 80, 80);
        var cut = await PixelsAsync(photo, 40, 40, ImageFit.Cover);

        Assert.Equal((width, height), (info.Width, info.Height));
        Assert.Equal((width / 4, height / 4), (small.Width, small.Height));
        Assert.Equal((40, 40), (cut.Width, cut.Height));
        foreach (var image in (TestPng[])[small, cut])
        {
            var (right, bottom) = (image.Width - 4, image.Height - 4);
            Assert.Equal(
                [nw, ne, sw, se],
                [Name(image.At(3, 3)), Name(image.At(right, 3)), Name(image.At(3, bottom)), Name(image.At(right, bottom))]);
        }
    }

    [Theory]
    [InlineData(400, 200, 100, 100, ImageFit.Inside, 100, 50)]
    [InlineData(200, 400, 100, 100, ImageFit.Inside, 50, 100)]
    [InlineData(400, 200, 1000, 1000, ImageFit.Inside, 400, 200)]
    [InlineData(400, 200, 400, 10, ImageFit.Inside, 20, 10)]
    [InlineData(300, 2, 30, 30, ImageFit.Inside, 30, 1)]
    [InlineData(401, 199, 133, 133, ImageFit.Inside, 133, 66)]
    [InlineData(400, 200, 100, 100, ImageFit.Cover, 100, 100)]
    [InlineData(400, 200, 1000, 1000, ImageFit.Cover, 200, 200)]
    [InlineData(400, 200, 300, 300, ImageFit.Cover, 200, 200)]
    [InlineData(401, 199, 77, 133, ImageFit.Cover, 77, 133)]
    [InlineData(400, 200, 800, 100, ImageFit.Cover, 400, 50)]
    public async Task Geometry_follows_the_fit_and_never_enlarges(
        int width, int height, int boxWidth, int boxHeight, ImageFit fit, int expectedWidth, int expectedHeight)
    {
        foreach (var file in (byte[][])[QuartersPng(width, height), await QuartersAsync(width, height)])
        {
            var image = await PixelsAsync(file, boxWidth, boxHeight, fit);

            Assert.Equal((expectedWidth, expectedHeight), (image.Width, image.Height));
        }
    }

    [Fact]
    public async Task Cover_cuts_off_evenly_at_both_sides()
    {
        var stripes = TestPng.Encode(300, 100, 3, (x, _, c) => x / 100 == c ? 255 : 0);

        var image = await PixelsAsync(stripes, 50, 50, ImageFit.Cover);

        Assert.All([2, 25, 47], x => Assert.Equal("green", Name(image.At(x, 25))));
    }

    [Fact]
    public async Task Time_out_is_kept_and_named()
    {
        var path = Save(TestPng.Encode(6000, 4000, 3, (_, _, _) => 0));
        var limits = Limits with { Timeout = TimeSpan.FromMilliseconds(10) };
        var watch = Stopwatch.StartNew();

        var refusal = await Assert.ThrowsAsync<ImageRejectedException>(
            () => Engine.SampleAsync(path, 4000, limits, Stop));

        Assert.Equal(ImageFault.Timeout, refusal.Fault);
        Assert.InRange(watch.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(5));
        Assert.Equal(6000, (await Engine.InspectAsync(path, Limits, Stop)).Width); // and the engine works on
    }

    [Fact]
    public async Task Cancelling_ends_an_operation()
    {
        var path = Save(TestPng.Encode(6000, 4000, 3, (_, _, _) => 0));
        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(Stop);

        var running = Engine.SampleAsync(path, 4000, Limits, cancel.Token);
        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Engine.InspectAsync(path, Limits, cancel.Token));
    }

    [Fact]
    public async Task Many_images_at_once_keep_their_own_results_and_errors()
    {
        var good = await QuartersAsync(640, 320);
        var cut = good[..(good.Length / 2)];

        await Task.WhenAll(Enumerable.Range(0, 60).Select(async i =>
        {
            if (i % 3 == 0)
            {
                Assert.Equal(ImageFault.Corrupt, await FaultAsync(cut));
            }
            else
            {
                var image = await PixelsAsync(good, 20 + i, 20 + i);
                Assert.Equal((20 + i, "green"), (image.Width, Name(image.At(image.Width - 3, 2))));
            }
        }));
    }
}
