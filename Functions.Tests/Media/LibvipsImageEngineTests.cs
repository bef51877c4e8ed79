using Backend.Media;
using Local.Images;
using Microsoft.Extensions.DependencyInjection;

namespace Functions.Tests.Media;

public sealed class LibvipsImageEngineTests : ImageEngineContract
{
    protected override IImageEngine Engine { get; } =
        new ServiceCollection().AddLibvips().BuildServiceProvider().GetRequiredService<IImageEngine>();

    [Fact]
    public void The_library_is_found_beside_the_app() => Assert.StartsWith("8.", LibvipsLibrary.Load());

    [Fact]
    public async Task Cmyk_jpeg_becomes_srgb()
    {
        byte[] cyan = [.. Enumerable.Repeat<byte[]>([255, 0, 0, 0], 64 * 64).SelectMany(pixel => pixel)];
        var jpeg = Recode(ImageEngineTestFiles.Tiff(64, 64, photometric: 5, pages: 1, cyan), "jpegsave_buffer");

        var image = TestPng.Decode(await RenderAsync(jpeg, 16, 16));

        Assert.True(image.At(8, 8) is { R: < 90, G: > 120, B: > 180 }, $"cyan came out as {image.At(8, 8)}");
    }

    [Fact]
    public async Task Progressive_and_interlaced_files_are_read_and_refused_when_cut()
    {
        var tiff = ImageEngineTestFiles.Tiff(
            200, 100, photometric: 2, pages: 1, [.. Enumerable.Range(0, 60_000).Select(i => (byte)(i * 7919 >> 5))]);
        foreach (var saver in (string[])["jpegsave_buffer", "pngsave_buffer"])
        {
            var whole = Recode(tiff, saver, ("interlace", "true"));

            Assert.Equal(200, (await InspectAsync(whole)).Width);
            Assert.Equal(50, TestPng.Decode(await RenderAsync(whole, 50, 50)).Width);
            var refusal = await Assert.ThrowsAsync<ImageRejectedException>(
                () => RenderAsync(whole[..(whole.Length * 7 / 10)], 50, 50));
            Assert.Equal(ImageFault.Corrupt, refusal.Fault);
        }
    }

    [Fact]
    public async Task Heic_says_that_it_is_unsupported_where_it_is()
    {
        var path = Save(HeicSupport.SampleFile());

        if (HeicSupport.IsAvailable)
        {
            Assert.Equal(8, (await Engine.InspectAsync(path, Limits, Stop)).Width);
        }
        else
        {
            var refusal = await Assert.ThrowsAsync<ImageRejectedException>(
                () => Engine.InspectAsync(path, Limits, Stop));
            Assert.Equal(ImageFault.UnsupportedFormat, refusal.Fault);
        }
    }

    [Fact]
    public async Task The_sample_photo_has_a_position_and_its_renditions_have_none()
    {
        var photo = await File.ReadAllBytesAsync(SamplePhoto(), Stop);
        var rendition = await RenderAsync(photo, 1000, 1000, format: ImageFormat.Jpeg);
        var info = await InspectAsync(photo);

        Assert.True(photo.AsSpan().IndexOf("Exif"u8) > 0);
        Assert.True(rendition.AsSpan().IndexOf("Exif"u8) < 0);
        Assert.True(info.Height > info.Width, "the photo was taken upright");
    }

    [Fact]
    public void Without_the_library_the_message_says_what_to_do()
    {
        // The folder has no library; the machine may have one.
        try
        {
            LibvipsLibrary.Find(Path.Combine(Path.GetTempPath(), "no-such-folder"));
        }
        catch (NativeLibraryMissingException e)
        {
            Assert.Contains("apt-get install libvips42", e.Message, StringComparison.Ordinal);
            Assert.DoesNotContain('\n', e.Message);
        }
    }

    private static string SamplePhoto()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Backend.sln")))
        {
            folder = folder.Parent;
        }

        Assert.NotNull(folder);
        return Path.Combine(folder.FullName, "samples", "photo.jpg");
    }

    /// <summary>Encodes with the library itself what the engine never writes: CMYK, progressive, interlaced.</summary>
    private static unsafe byte[] Recode(byte[] tiff, string saver, params (string Name, string Value)[] options)
    {
        LibvipsLibrary.Load();
        fixed (byte* data = tiff)
        {
            using var source = LibvipsNative.SourceFromMemory(data, (nuint)tiff.Length);
            using var load = new VipsOperation("tiffload_source").Set("source", source);
            using var image = load.BuildImage();
            using var save = new VipsOperation(saver).Set("in", image);
            foreach (var (name, value) in options)
            {
                save.Set(name, value);
            }

            using var blob = save.BuildBlob();
            using var bytes = new MemoryStream();
            using var content = blob.OpenRead();
            content.CopyTo(bytes);
            return bytes.ToArray();
        }
    }

    [Fact]
    public async Task Attention_finds_the_one_thing_there_is()
    {
        var grey = TestPng.Encode(400, 100, 3, (x, y, c) => x is > 330 and < 370 && y is > 30 and < 70 ? (c == 0 ? 255 : 60) : 128);
        var spec = new RenditionSpec(100, 100, ImageFit.Cover, ImageFormat.Png, 90) { Focus = ImageFocus.Attention };

        var image = TestPng.Decode(await RenderAsync(grey, spec));

        Assert.Contains(Enumerable.Range(0, 100), x => image.At(x, 50).R > 200);
    }
}
