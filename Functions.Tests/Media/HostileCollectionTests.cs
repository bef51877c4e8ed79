using System.IO.Compression;
using System.Text;
using Backend.Media;
using Functions.Tests.Fixtures;
using Functions.Tests.Hosting;
using Microsoft.Extensions.DependencyInjection;
using static Functions.Tests.Media.ImageEngineTestFiles;

namespace Functions.Tests.Media;

/// <summary>
/// What a hostile client uploads, all of it, to one process with the default limits: each file ends as failed with a reason,
/// in time, and the process lives on in bounded memory.
/// </summary>
public class HostileCollectionTests
{
    /// <summary>
    /// The limits allow 100 million pixels, which are 400 MB where a format has to be decoded whole; two at a time. What the
    /// collection takes beyond an idle process stays far below.
    /// </summary>
    private const long MaxPeakMegabytes = 700;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    /// <summary>Where the host keeps its media: in files, unless its command line says otherwise.</summary>
    protected virtual Task<string[]> ArgumentsAsync() => Task.FromResult<string[]>([]);

    [Fact]
    public async Task Nothing_of_the_collection_becomes_ready_or_harms_the_process()
    {
        using var folder = new TempFolder();
        await using var host = LocalProcess.Start(["--port", "0", "--data", folder.File("data"), .. await ArgumentsAsync()]);
        var url = await host.WaitForUrlAsync();
        using var mallory = await ApiClient.CreateAsync(url, new Uri(url, "/dev/token"), "mallory");
        var collection = await CollectAsync();
        Assert.True(collection.Count > 60);

        var outcomes = await Task.WhenAll(collection.Select(async file =>
        {
            var media = await MediaUpload.UploadAsync(mallory, file.Content, file.Type);
            var ended = await MediaUpload.WaitAsync(mallory, media);
            return (file.Name, Status: ended.GetProperty("status").GetString(), Reason: ended.TryGetProperty("reason", out var reason) ? reason.GetString() : "");
        }));

        Assert.Empty(outcomes.Where(outcome => outcome.Status != "failed").Select(outcome => outcome.Name));
        Assert.Empty(outcomes.Where(outcome => outcome.Reason is "processing_failed" or "timeout").Select(outcome => outcome.Name));
        var good = await MediaUpload.UploadAsync(mallory, await File.ReadAllBytesAsync(RepositoryFiles.Photo, Ct), "image/jpeg");
        Assert.Equal("ready", (await MediaUpload.WaitAsync(mallory, good)).GetProperty("status").GetString());
        if (OperatingSystem.IsLinux())
        {
            Assert.InRange(PeakMegabytes(host.Id), 1, MaxPeakMegabytes);
        }
    }

    [Fact]
    public async Task What_follows_a_good_image_or_lies_in_its_metadata_never_leaves_the_server()
    {
        const string Mark = "<script>stolen()</script>";
        await using var host = await LocalBackend.StartAsync(null, await ArgumentsAsync());
        using var mallory = await ApiClient.CreateAsync(host.Url, new Uri(host.Url, "/dev/token"), "mallory");
        var photo = await File.ReadAllBytesAsync(RepositoryFiles.Photo, Ct);
        var text = Encoding.ASCII.GetBytes(Mark);
        byte[][] polyglots =
        [
            [.. photo, .. text], [.. photo, .. Zip()], WithSegment(photo, 0xFE, text), WithSegment(photo, 0xE1, [.. "Exif\0\0"u8, .. text]),
            WithSegment(photo, 0xE1, [.. "http://ns.adobe.com/xap/1.0/\0"u8, .. text]),
        ];

        foreach (var file in polyglots)
        {
            var media = await MediaUpload.WaitAsync(mallory, await MediaUpload.UploadAsync(mallory, file, "image/jpeg"));

            // Cameras write such files, too. It is an image, and what is served is made of its pixels alone.
            Assert.Equal("ready", media.GetProperty("status").GetString());
            foreach (var rendition in media.GetProperty("renditions").EnumerateArray())
            {
                var served = (await mallory.GetAsync(rendition.GetProperty("url").GetString() ?? "")).Bytes;
                Assert.Equal(-1, served.AsSpan().IndexOf(text));
                Assert.Equal(-1, served.AsSpan().IndexOf("PK\x03\x04"u8));
            }
        }
    }

    [Fact]
    public async Task A_hundred_uploads_at_once_all_become_ready()
    {
        await using var host = await LocalBackend.StartAsync(null, await ArgumentsAsync());
        using var alice = await ApiClient.CreateAsync(host.Url, new Uri(host.Url, "/dev/token"), "alice");

        var statuses = await Task.WhenAll(Enumerable.Range(0, 100).Select(async i =>
        {
            var media = await MediaUpload.UploadAsync(alice, TestPng.Encode(120, 80, 3, (x, y, c) => (x * y) + (c * i)), "image/png");
            return (await MediaUpload.WaitAsync(alice, media)).GetProperty("status").GetString();
        }));

        Assert.All(statuses, status => Assert.Equal("ready", status));
    }

    private static async Task<IReadOnlyList<HostileFile>> CollectAsync()
    {
        var files = new List<HostileFile>();
        var random = new Random(1);
        var photo = await File.ReadAllBytesAsync(RepositoryFiles.Photo, Ct);
        var noise = TestPng.Encode(96, 64, 3, (_, _, _) => random.Next(256));
        var webp = await EncodeAsync(noise, ImageFormat.WebP);
        var avif = await EncodeAsync(noise, ImageFormat.Avif);
        var gif = Gif(2, 2, 30);
        foreach (var (name, whole) in new[] { ("jpeg", photo), ("png", noise), ("webp", webp), ("avif", avif), ("gif", gif) })
        {
            for (var tenth = 1; tenth < 10; tenth++)
            {
                files.Add(new($"{name} cut at {tenth}/10", $"image/{name}", whole[..(whole.Length * tenth / 10)]));
            }
        }

        var bytes = new byte[50_000];
        random.NextBytes(bytes);
        files.Add(new("random bytes", "image/jpeg", bytes));
        files.Add(new("random bytes that begin like a JPEG", "image/jpeg", [0xFF, 0xD8, 0xFF, 0xE0, .. bytes]));
        files.Add(new("random bytes that begin like a PNG", "image/png", [.. noise.AsSpan(0, 8), .. bytes]));
        files.Add(new("random bytes that begin like a GIF", "image/gif", [.. "GIF89a"u8, .. bytes]));
        files.Add(new("random bytes that begin like a WebP", "image/webp", [.. webp.AsSpan(0, 16), .. bytes]));
        files.Add(new("forged PNG header", "image/png", TestPng.Forge(65_500, 65_500)));
        files.Add(new("forged JPEG header", "image/jpeg", WithDimensions(photo, 65_500, 65_500)));
        files.Add(new("forged GIF header", "image/gif", Forge(gif, 6, 65_500, 65_500)));
        files.Add(new("PNG bomb", "image/png", PngBomb(20_000, 20_000)));
        files.Add(new("PNG bomb within the pixel limit, cut", "image/png", PngBomb(9_000, 9_000)[..^20]));
        files.Add(new("GIF bomb: thousands of frames", "image/gif", Gif(2, 2, 5_000)));
        files.Add(new("WebP of thousands of frames", "image/webp", AnimatedWebP(webp, 96, 64, 3_000)));
        files.Add(new("GIF with a giant canvas and many frames", "image/gif", Forge(Gif(2, 2, 150), 6, 5_000, 5_000)));
        files.Add(new("zip", "image/png", Zip()));
        files.Add(new("HTML", "image/png", "<!DOCTYPE html><html><script>alert(1)</script></html>"u8.ToArray()));
        files.Add(new("SVG", "image/png", "<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>"u8.ToArray()));
        files.Add(new("SVG with entities", "image/png", "<?xml version='1.0'?><!DOCTYPE svg [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><svg>&x;</svg>"u8.ToArray()));
        files.Add(new("script that begins like a GIF", "image/gif", "GIF89a=1;alert(document.domain)//"u8.ToArray()));
        files.Add(new("HTML that begins like a JPEG", "image/jpeg", [0xFF, 0xD8, 0xFF, .. "<html><script>alert(1)</script>"u8]));
        files.Add(new("zip that begins like a PNG", "image/png", [.. noise.AsSpan(0, 8), .. Zip()]));
        files.Add(new("JPEG of nothing but metadata", "image/jpeg", [0xFF, 0xD8, .. Segments(0xE1, 300), 0xFF, 0xD9]));
        files.Add(new("JPEG of an enormous Exif and ICC, cut", "image/jpeg",
            [0xFF, 0xD8, .. Segments(0xE1, 150), .. Segments(0xE2, 150), .. photo.AsSpan(2, photo.Length / 2)]));
        files.Add(new("PNG whose profile is a bomb, cut", "image/png", WithProfileBomb(noise)[..^30]));
        return files;
    }

    private static async Task<byte[]> EncodeAsync(byte[] png, ImageFormat format)
    {
        await using var services = Local.Images.LibvipsServices.AddLibvips(new ServiceCollection()).BuildServiceProvider();
        var engine = services.GetRequiredService<IImageEngine>();
        using var folder = new TempFolder();
        await File.WriteAllBytesAsync(folder.File("image"), png, Ct);
        using var output = new MemoryStream();
        var limits = new ImageLimits(1_000_000, 10, TimeSpan.FromSeconds(30));
        await engine.RenderAsync(folder.File("image"), new RenditionSpec(96, 96, ImageFit.Inside, format, 90), limits, output, Ct);
        return output.ToArray();
    }

    private static byte[] Zip()
    {
        using var zip = new MemoryStream();
        using (var archive = new ZipArchive(zip, ZipArchiveMode.Create, leaveOpen: true))
        {
            using var entry = archive.CreateEntry("photo.jpg").Open();
            entry.Write("not a photo"u8);
        }

        return zip.ToArray();
    }

    /// <summary>All black: a few kilobytes that decode to a gigabyte.</summary>
    private static byte[] PngBomb(int width, int height)
    {
        using var data = new MemoryStream();
        using (var deflate = new ZLibStream(data, CompressionLevel.Optimal, leaveOpen: true))
        {
            var row = new byte[(3 * width) + 1];
            for (var y = 0; y < height; y++)
            {
                deflate.Write(row);
            }
        }

        return TestPng.Assemble(width, height, data.ToArray());
    }

    private static byte[] WithProfileBomb(byte[] png)
    {
        using var data = new MemoryStream();
        using (var deflate = new ZLibStream(data, CompressionLevel.Optimal, leaveOpen: true))
        {
            deflate.Write(new byte[64 * 1024 * 1024]);
        }

        return TestPng.WithChunk(png, "iCCP"u8, [.. "x\0\0"u8, .. data.ToArray()]);
    }

    private static byte[] Segments(byte marker, int count) =>
        [.. Enumerable.Repeat<byte[]>([0xFF, marker, 0xFF, 0xFF, .. "Exif\0\0"u8, .. new byte[65_527]], count).SelectMany(static b => b)];

    private static byte[] Forge(byte[] gif, int at, int width, int height)
    {
        var forged = (byte[])gif.Clone();
        BitConverter.GetBytes((ushort)width).CopyTo(forged, at);
        BitConverter.GetBytes((ushort)height).CopyTo(forged, at + 2);
        return forged;
    }

    private static long PeakMegabytes(int process)
    {
        var line = File.ReadLines($"/proc/{process}/status").First(static line => line.StartsWith("VmHWM:", StringComparison.Ordinal));
        return long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], System.Globalization.CultureInfo.InvariantCulture) / 1024;
    }

    private sealed record HostileFile(string Name, string Type, byte[] Content);
}
