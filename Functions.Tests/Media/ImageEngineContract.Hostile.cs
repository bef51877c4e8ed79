using System.Diagnostics;
using System.IO.Compression;
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
    public async Task A_file_cut_anywhere_is_refused(ImageFormat format)
    {
        SkipUnlessWritten(format);
        // Tall and in noise, so that the bottom, which "cover" cuts away, holds data.
        var noise = new Random(1);
        var tall = TestPng.Encode(64, 256, 3, (_, _, _) => noise.Next(256));
        var whole = await RenderAsync(tall, 64, 256, format: format);

        for (var tenth = 0; tenth < 10; tenth++)
        {
            var fault = await FaultAsync(whole[..(whole.Length * tenth / 10)]);

            Assert.Equal(tenth == 0 ? ImageFault.NotAnImage : ImageFault.Corrupt, fault);
        }

        Assert.Equal(ImageFault.NotAnImage, await FaultAsync(whole[..2]));
    }

    [Fact]
    public async Task Bytes_overwritten_in_a_photo_are_noticed_even_in_a_tiny_sample()
    {
        var noise = new Random(1);
        var photo = await RenderAsync(
            TestPng.Encode(256, 256, 3, (_, _, _) => noise.Next(256)), 256, 256, format: ImageFormat.Jpeg);
        photo.AsSpan(photo.Length / 2, 3000).Fill(0xFF);

        await Assert.ThrowsAsync<ImageRejectedException>(() => Engine.SampleAsync(Save(photo), 16, Limits, Stop));
        Assert.Equal(ImageFault.Corrupt, await FaultAsync(photo));
    }

    [Fact]
    public async Task What_is_no_image_is_told_from_what_is_not_accepted()
    {
        var random = new byte[5000];
        new Random(1).NextBytes(random);
        using var zip = new MemoryStream();
        using (var archive = new ZipArchive(zip, ZipArchiveMode.Create, leaveOpen: true))
        {
            archive.CreateEntry("photo.jpg");
        }

        byte[][] others = [[], random, zip.ToArray(), "hello"u8.ToArray(), "<!DOCTYPE html><svg></svg>"u8.ToArray(),
            "GIF"u8.ToArray(), new byte[100], "P6 1 1 255 aaa"u8.ToArray()];
        byte[][] images = [
            "<svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'/>"u8.ToArray(),
            "<?xml version='1.0'?><!DOCTYPE svg [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><svg>&x;</svg>"u8.ToArray(),
            "%PDF-1.7"u8.ToArray(), "8BPS"u8.ToArray()];

        foreach (var file in others)
        {
            Assert.Equal(ImageFault.NotAnImage, await FaultAsync(file));
        }

        foreach (var file in images)
        {
            Assert.Equal(ImageFault.UnsupportedFormat, await FaultAsync(file));
        }
    }

    [Fact]
    public async Task Forged_dimensions_are_refused_from_the_header_alone()
    {
        var jpeg = WithDimensions(await QuartersAsync(64, 64), 65500, 65500);
        var watch = Stopwatch.StartNew();

        foreach (var bomb in (byte[][])[jpeg, TestPng.Forge(65500, 65500)])
        {
            Assert.Equal(ImageFault.TooManyPixels, await FaultAsync(bomb));
            var refusal = await Assert.ThrowsAsync<ImageRejectedException>(() => InspectAsync(bomb));
            Assert.Equal(ImageFault.TooManyPixels, refusal.Fault);
        }

        Assert.InRange(watch.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(2));
    }

    [Fact]
    public async Task Frames_count_and_multiply_the_pixels()
    {
        var still = await RenderAsync(QuartersPng(20, 10), 20, 10, format: ImageFormat.WebP);
        (byte[] File, int Frames, long Pixels)[] files =
        [
            (Gif(2, 2, 7), 7, 2 * 2 * 7),
            (AnimatedWebP(still, 20, 10, 5), 5, 20 * 10 * 5),
            (Tiff(2, 1, photometric: 2, pages: 3, [1, 2, 3, 4, 5, 6]), 3, 2 * 1 * 3),
        ];

        foreach (var (file, frames, pixels) in files)
        {
            Assert.Equal(frames, (await InspectAsync(file)).Frames);
            Assert.Equal(ImageFault.TooManyFrames, await FaultAsync(file, Limits with { MaxFrames = frames - 1 }));
            Assert.Equal(ImageFault.TooManyPixels, await FaultAsync(file, Limits with { MaxPixels = pixels - 1 }));
            var path = Save(file);
            var exact = Limits with { MaxFrames = frames, MaxPixels = pixels };
            Assert.Equal(frames, (await Engine.InspectAsync(path, exact, Stop)).Frames);
        }

        Assert.Equal("green", Name((await PixelsAsync(AnimatedWebP(still, 20, 10, 5), 20, 10)).At(17, 2)));
    }

    [Fact]
    public async Task Random_damage_never_does_worse_than_a_refusal()
    {
        var random = new Random(7);
        byte[][] seeds =
        [
            WithExif(await QuartersAsync(96, 64), 6), QuartersPng(40, 30), Gif(4, 4, 3),
            Tiff(2, 2, 2, 2, new byte[12]),
            await RenderAsync(QuartersPng(40, 30), 40, 30, format: ImageFormat.WebP),
            .. Engine.CanWrite(ImageFormat.Avif) ? [await RenderAsync(QuartersPng(40, 30), 40, 30, format: ImageFormat.Avif)] : Array.Empty<byte[]>(),
        ];

        for (var round = 0; round < 300; round++)
        {
            var file = (byte[])seeds[round % seeds.Length].Clone();
            for (var change = 0; change <= round % 5; change++)
            {
                file[random.Next(file.Length)] = (byte)random.Next(256);
            }

            try
            {
                await Engine.SampleAsync(Save(file), 16, Limits with { MaxPixels = 4_000_000 }, Stop);
            }
            catch (ImageRejectedException)
            {
                // fine: only another exception, a crash or a hang would be a fault of the engine
            }
        }
    }
}
