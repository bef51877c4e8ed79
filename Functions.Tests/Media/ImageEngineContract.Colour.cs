using System.Text;
using Backend.Media;
using static Functions.Tests.Media.ImageEngineTestFiles;

namespace Functions.Tests.Media;

public abstract partial class ImageEngineContract
{
    [Theory]
    [InlineData(ImageFormat.Jpeg)]
    [InlineData(ImageFormat.Png)]
    [InlineData(ImageFormat.WebP)]
    [InlineData(ImageFormat.Avif)]
    public async Task Metadata_is_stripped(ImageFormat format)
    {
        SkipUnlessWritten(format);
        var photo = WithSegment(
            WithProfile(WithExif(await QuartersAsync(320, 160), 6), ImageEngineTestProfile.DisplayP3()),
            0xE1, Encoding.ASCII.GetBytes($"http://ns.adobe.com/xap/1.0/\0<x:xmpmeta>{Camera}</x:xmpmeta>"));

        foreach (var size in (int[])[80, 2000])
        {
            var rendition = Encoding.Latin1.GetString(await RenderAsync(photo, size, size, format: format));

            Assert.All(
                [Camera, "Exif", "EXIF", "eXIf", "II*\0", "xmp", "XMP", "ICC_PROFILE", "ICCP", "iCCP", "acsp", "prof"],
                trace => Assert.DoesNotContain(trace, rendition, StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task A_profile_is_converted_to_srgb()
    {
        var icc = ImageEngineTestProfile.DisplayP3();
        (byte R, byte G, byte B) colour = (200, 80, 60);
        var expected = ImageEngineTestProfile.ToSrgb(colour.R, colour.G, colour.B);
        var png = TestPng.Encode(64, 64, 3, (_, _, c) => c == 0 ? colour.R : c == 1 ? colour.G : colour.B, icc: icc);
        var plain = TestPng.Encode(64, 64, 3, (_, _, c) => c == 0 ? colour.R : c == 1 ? colour.G : colour.B);
        var jpeg = WithProfile(await RenderAsync(plain, 64, 64, format: ImageFormat.Jpeg), icc);

        Assert.True(expected.R - colour.R > 10, "the profile has to make a difference");
        AssertNear(expected, (await PixelsAsync(png, 32, 32)).At(16, 16), 2);
        AssertNear(expected, (await PixelsAsync(jpeg, 32, 32)).At(16, 16), 4);
        AssertNear(colour, (await PixelsAsync(plain, 32, 32)).At(16, 16), 0);
    }

    [Fact]
    public async Task A_damaged_profile_or_one_for_other_pixels_is_ignored()
    {
        var icc = ImageEngineTestProfile.DisplayP3();
        var grey = TestPng.Encode(16, 16, 1, (_, _, _) => 100, icc: icc);
        var broken = TestPng.Encode(16, 16, 3, (_, _, _) => 100, icc: icc[..100]);

        AssertNear((100, 100, 100), (await PixelsAsync(grey, 8, 8)).At(4, 4), 1);
        AssertNear((100, 100, 100), (await PixelsAsync(broken, 8, 8)).At(4, 4), 1);
    }

    [Fact]
    public async Task Cmyk_becomes_srgb()
    {
        byte[] cyan = [.. Enumerable.Repeat<byte[]>([255, 0, 0, 0], 64).SelectMany(pixel => pixel)];
        byte[] paper = new byte[64 * 4];

        var ink = (await PixelsAsync(Tiff(8, 8, photometric: 5, pages: 1, cyan), 8, 8)).At(4, 4);

        Assert.True(ink is { R: < 90, G: > 120, B: > 180 }, $"cyan came out as {ink}");
        AssertNear((255, 255, 255), (await PixelsAsync(Tiff(8, 8, 5, 1, paper), 8, 8)).At(4, 4), 3);
    }

    [Fact]
    public async Task Grey_and_sixteen_bits_keep_their_brightness()
    {
        var grey = TestPng.Encode(40, 40, 1, (_, _, _) => 100);
        var deep = TestPng.Encode(40, 40, 3, (_, _, c) => c switch { 0 => 0xC8C8, 1 => 0x6464, _ => 0x3232 }, bits: 16);
        var deepGrey = TestPng.Encode(40, 40, 1, (_, _, _) => 0x6464, bits: 16);

        AssertNear((100, 100, 100), (await PixelsAsync(grey, 20, 20)).At(10, 10), 1);
        AssertNear((200, 100, 50), (await PixelsAsync(deep, 20, 20)).At(10, 10), 1);
        AssertNear((100, 100, 100), (await PixelsAsync(deepGrey, 20, 20)).At(10, 10), 1);
    }

    [Theory]
    [InlineData(ImageFormat.Png, 0)]
    [InlineData(ImageFormat.WebP, 0)]
    [InlineData(ImageFormat.Avif, 0)]
    [InlineData(ImageFormat.Jpeg, 255)]
    public async Task Alpha_is_kept_where_the_format_has_it_and_lies_on_white_elsewhere(ImageFormat format, int alpha)
    {
        SkipUnlessWritten(format);
        var clearLeft = TestPng.Encode(80, 40, 4, (x, _, c) => c == 0 ? 255 : c == 3 && x >= 40 ? 255 : 0);

        var rendition = await RenderAsync(clearLeft, 40, 40, format: format);
        var image = await PixelsAsync(rendition, 40, 40);

        Assert.True((await InspectAsync(clearLeft)).HasAlpha);
        Assert.Equal(alpha == 0, (await InspectAsync(rendition)).HasAlpha);
        Assert.Equal((alpha, 255), (image.AlphaAt(5, 10), image.AlphaAt(35, 10)));
        Assert.Equal("red", Name(image.At(35, 10)));
        Assert.True(alpha == 0 || Name(image.At(5, 10)) == "white");
    }

    [Fact]
    public async Task A_sample_is_small_srgb_on_white()
    {
        var clearLeft = TestPng.Encode(80, 40, 4, (x, _, c) => c == 0 ? 255 : c == 3 && x >= 40 ? 255 : 0);
        var turned = WithExif(await QuartersAsync(320, 160), 6);
        var greyAlpha = TestPng.Encode(10, 10, 2, (_, _, c) => c == 0 ? 100 : 255);

        var flat = await Engine.SampleAsync(Save(clearLeft), 32, Limits, Stop);
        var tall = await Engine.SampleAsync(Save(turned), 32, Limits, Stop);
        var grey = await Engine.SampleAsync(Save(greyAlpha), 32, Limits, Stop);

        Assert.Equal((32, 16, 32 * 16 * 3), (flat.Width, flat.Height, flat.Rgb.Length));
        Assert.Equal([255, 255, 255], flat.Rgb.Span[..3].ToArray());
        Assert.Equal([255, 0, 0], flat.Rgb.Span[^3..].ToArray());
        Assert.Equal((16, 32, "blue"), (tall.Width, tall.Height, Name((tall.Rgb.Span[0], tall.Rgb.Span[1], tall.Rgb.Span[2]))));
        Assert.Equal((10, 10), (grey.Width, grey.Height));
        Assert.Equal([100, 100, 100], grey.Rgb.Span[..3].ToArray());
    }
}
