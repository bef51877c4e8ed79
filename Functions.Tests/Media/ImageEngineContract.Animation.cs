using Backend.Media;
using static Functions.Tests.Media.ImageEngineTestFiles;

namespace Functions.Tests.Media;

/// <summary>Animations, and what the file says of itself.</summary>
public abstract partial class ImageEngineContract
{
    private static RenditionSpec Animated(int side, ImageFormat format = ImageFormat.WebP, ImageFit fit = ImageFit.Inside) =>
        new(side, side, fit, format, 90) { IsAnimated = true };

    [Fact]
    public async Task An_animation_stays_one_where_that_is_asked_for_and_the_format_can()
    {
        byte[][] files = [Gif(2, 2, 7), await RenderAsync(Gif(2, 2, 5), Animated(30) with { Enlarge = true })];
        foreach (var (file, frames) in files.Zip((int[])[7, 5]))
        {
            var info = await InspectAsync(file);
            var moving = await InspectAsync(await RenderAsync(file, Animated(20)));
            var covered = await InspectAsync(await RenderAsync(file, Animated(16, fit: ImageFit.Cover)));
            var jpeg = await InspectAsync(await RenderAsync(file, Animated(20, ImageFormat.Jpeg)));
            var still = await InspectAsync(await RenderAsync(file, Animated(20) with { IsAnimated = false }));

            Assert.Equal(frames, info.Frames);
            Assert.Equal((ImageFormat.WebP, frames), (moving.Format, moving.Frames));
            Assert.Equal((Math.Min(20, info.Width), Math.Min(20 * info.Height / info.Width, info.Height)), (moving.Width, moving.Height));
            Assert.Equal((Math.Min(16, info.Height), frames), (covered.Width, covered.Frames));
            Assert.Equal((1, 1), (jpeg.Frames, still.Frames));
        }
    }

    [Fact]
    public async Task An_animation_that_would_take_too_much_memory_is_its_first_frame()
    {
        var path = Save(Gif(2, 2, 7));
        using var output = new MemoryStream();

        await Engine.RenderAsync(path, Animated(20), Limits with { MaxAnimationPixels = 27 }, output, Stop);

        Assert.Equal(1, (await InspectAsync(output.ToArray())).Frames);
    }

    [Fact]
    public async Task An_animation_that_is_cut_short_is_refused()
    {
        var whole = AnimatedWebP(await RenderAsync(QuartersPng(64, 32), 64, 32, format: ImageFormat.WebP), 64, 32, 9);
        foreach (var file in (byte[][])[whole[..(whole.Length * 2 / 3)], Gif(2, 2, 40)[..300]])
        {
            var refusal = await Assert.ThrowsAsync<ImageRejectedException>(() => RenderAsync(file, Animated(20)));
            Assert.Equal(ImageFault.Corrupt, refusal.Fault);
        }
    }

    [Fact]
    public async Task The_file_tells_where_it_was_taken_and_no_rendition_does()
    {
        var photo = WithExif(await QuartersAsync(64, 32), 1);

        var facts = PhotoMetadata.Read((await InspectAsync(photo)).Exif.Span, withPosition: true);

        Assert.Equal(Camera, facts.Camera);
        Assert.Equal(48.858056, facts.Position?.Latitude);
        foreach (var format in (ImageFormat[])[ImageFormat.Jpeg, ImageFormat.Png, ImageFormat.WebP, ImageFormat.Avif])
        {
            if (Engine.CanWrite(format))
            {
                var rendition = await RenderAsync(photo, 32, 32, format: format);
                Assert.True((await InspectAsync(rendition)).Exif.IsEmpty);
                Assert.Equal(-1, rendition.AsSpan().IndexOf("Exif"u8));
            }
        }
    }
}
