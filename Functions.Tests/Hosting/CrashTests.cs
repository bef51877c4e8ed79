using System.Net;
using Functions.Tests.Fixtures;
using Functions.Tests.Media;

namespace Functions.Tests.Hosting;

/// <summary>The host is killed while a photo is being processed; after the restart the photo becomes ready.</summary>
public class CrashTests
{
    [Fact]
    public async Task A_photo_survives_kills_at_any_moment_of_its_processing()
    {
        using var folder = new TempFolder();
        string[] arguments = ["--port", "0", "--data", folder.Path, .. await ArgumentsAsync()];
        var random = new Random(5080);
        var photo = await File.ReadAllBytesAsync(RepositoryFiles.Photo, TestContext.Current.CancellationToken);
        var uploaded = new List<string>();
        for (var round = 0; round < 6; round++)
        {
            await using var host = LocalProcess.Start(arguments);
            var url = await host.WaitForUrlAsync();
            using var alice = await ApiClient.CreateAsync(url, new Uri(url, "/dev/token"), "alice");
            uploaded.Add(await MediaUpload.UploadAsync(alice, photo, "image/jpeg"));
            // From right after the answer to about the end of processing.
            await Task.Delay(random.Next(0, 400), TestContext.Current.CancellationToken);
            await host.KillAsync();
        }

        await using var last = LocalProcess.Start(arguments);
        var lastUrl = await last.WaitForUrlAsync();
        using var client = await ApiClient.CreateAsync(lastUrl, new Uri(lastUrl, "/dev/token"), "alice");
        foreach (var id in uploaded)
        {
            var media = await MediaUpload.WaitAsync(client, id);
            Assert.Equal("ready", media.GetProperty("status").GetString());
            foreach (var rendition in media.GetProperty("renditions").EnumerateArray())
            {
                Assert.Equal(HttpStatusCode.OK, (await client.GetAsync(rendition.GetProperty("url").GetString() ?? "")).Status);
            }
        }
    }

    /// <summary>Where the host keeps its media: in files, unless its command line says otherwise.</summary>
    protected virtual Task<string[]> ArgumentsAsync() => Task.FromResult<string[]>([]);
}
