using Backend.Media;
using static Functions.Tests.Media.ImageEngineTestFiles;

namespace Functions.Tests.Media;

/// <summary>How images are placed in their boxes.</summary>
public abstract partial class ImageEngineContract
{
    [Theory]
    [InlineData(400, 200, 100, 100, ImageFit.Contain, false, 100, 100)]
    [InlineData(400, 200, 1000, 1000, ImageFit.Contain, false, 400, 400)]
    [InlineData(400, 200, 1000, 1000, ImageFit.Contain, true, 1000, 1000)]
    [InlineData(400, 200, 100, 100, ImageFit.Fill, false, 100, 100)]
    [InlineData(400, 200, 1000, 100, ImageFit.Fill, false, 400, 100)]
    [InlineData(400, 200, 600, 300, ImageFit.Fill, true, 600, 300)]
    [InlineData(40, 20, 100, 100, ImageFit.Inside, true, 100, 50)]
    [InlineData(40, 20, 100, 100, ImageFit.Cover, true, 100, 100)]
    [InlineData(400, 200, 100, 65_500, ImageFit.Inside, false, 100, 50)]
    public async Task Every_fit_has_its_size_and_enlarges_only_when_asked(
        int width, int height, int boxWidth, int boxHeight, ImageFit fit, bool enlarge, int expectedWidth, int expectedHeight)
    {
        var spec = new RenditionSpec(boxWidth, boxHeight, fit, ImageFormat.Png, 90) { Enlarge = enlarge };

        var image = TestPng.Decode(await RenderAsync(QuartersPng(width, height), spec));

        Assert.Equal((expectedWidth, expectedHeight), (image.Width, image.Height));
    }

    [Fact]
    public async Task Contain_has_a_white_border_also_around_grey_and_transparent_images()
    {
        foreach (var channels in (int[])[1, 2, 3, 4])
        {
            var black = TestPng.Encode(80, 40, channels, (_, _, c) => channels is 2 or 4 && c == channels - 1 ? 255 : 0);
            var spec = new RenditionSpec(40, 40, ImageFit.Contain, ImageFormat.Png, 90);

            var image = TestPng.Decode(await RenderAsync(black, spec));

            Assert.Equal(((255, 255, 255), (0, 0, 0), (255, 255, 255)), (image.At(20, 4), image.At(20, 20), image.At(20, 36)));
        }
    }

    [Theory]
    [InlineData(0.0, "red")]
    [InlineData(0.3, "red")]
    [InlineData(0.5, "green")]
    [InlineData(1.0, "blue")]
    public async Task Cover_keeps_the_focus_in_sight(double x, string colour)
    {
        var stripes = TestPng.Encode(300, 100, 3, (px, _, c) => px / 100 == c ? 255 : 0);
        var spec = new RenditionSpec(20, 50, ImageFit.Cover, ImageFormat.Png, 90) { Focus = new ImageFocus(x, 0.5) };

        var image = TestPng.Decode(await RenderAsync(stripes, spec));

        Assert.Equal((20, 50), (image.Width, image.Height));
        Assert.Equal(colour, Name(image.At(10, 25)));
    }

    [Fact]
    public async Task Attention_has_the_size_of_the_box()
    {
        var spec = new RenditionSpec(60, 60, ImageFit.Cover, ImageFormat.Png, 90) { Focus = ImageFocus.Attention };

        var image = TestPng.Decode(await RenderAsync(await QuartersAsync(320, 160), spec));

        Assert.Equal((60, 60), (image.Width, image.Height));
    }

    [Fact]
    public async Task Several_renditions_at_once_are_those_that_each_alone_would_be()
    {
        RenditionSpec[] specs =
        [
            new(200, 200, ImageFit.Inside, ImageFormat.Png, 90), new(100, 100, ImageFit.Inside, ImageFormat.WebP, 90),
            new(50, 50, ImageFit.Cover, ImageFormat.Jpeg, 90), new(64, 64, ImageFit.Contain, ImageFormat.Png, 90),
            new(60, 30, ImageFit.Fill, ImageFormat.Png, 90),
            new(900, 900, ImageFit.Inside, ImageFormat.Png, 90) { Enlarge = true },
        ];
        foreach (var file in (byte[][])[WithExif(await QuartersAsync(640, 320), 6), QuartersPng(333, 111)])
        {
            var outputs = specs.Select(static _ => new MemoryStream()).ToArray();

            var made = await Engine.RenderAllAsync(Save(file), specs, outputs, Limits, Stop);

            for (var i = 0; i < specs.Length; i++)
            {
                var alone = await RenderAsync(file, specs[i]);
                var (one, several) = (await InspectAsync(alone), await InspectAsync(outputs[i].ToArray()));
                Assert.Equal(one, several);
                Assert.Equal((one.Width, one.Height, outputs[i].Length), (made[i].Width, made[i].Height, made[i].Size));
                var (left, right) = (await PixelsAsync(alone, 2000, 2000), await PixelsAsync(outputs[i].ToArray(), 2000, 2000));
                Assert.Equal(Name(left.At(3, left.Height / 4)), Name(right.At(3, right.Height / 4)));
            }
        }
    }

    [Fact]
    public async Task Several_renditions_of_a_damaged_file_are_refused_together()
    {
        var whole = await QuartersAsync(640, 320);
        var spec = new RenditionSpec(64, 64, ImageFit.Inside, ImageFormat.Png, 90);

        var refusal = await Assert.ThrowsAsync<ImageRejectedException>(() => Engine.RenderAllAsync(
            Save(whole[..(whole.Length / 2)]), [spec, spec with { Width = 32 }], [Stream.Null, Stream.Null], Limits, Stop));

        Assert.Equal(ImageFault.Corrupt, refusal.Fault);
    }
}
