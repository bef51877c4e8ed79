using System.Text.RegularExpressions;
using Functions.Tests.Fixtures;

namespace Functions.Tests.Hosting;

/// <summary>Runs the README's tour as it stands there, so that it cannot rot.</summary>
public sealed partial class ReadmeTourTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_five_minute_tour_works_when_pasted()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "The tour is for a POSIX shell");
        using var folder = new TempFolder();
        await using var host = LocalProcess.Start("--port", "0", "--data", folder.File("data"));
        var url = await host.WaitForUrlAsync();
        Directory.CreateDirectory(folder.File("samples"));
        File.Copy(RepositoryFiles.Photo, folder.File("samples/photo.jpg"));

        var script = await ReadTourAsync();
        Assert.Contains("http://localhost:5080", script, StringComparison.Ordinal);
        // As pasted: an interactive shell does not stop at the first error either.
        var (_, output) = await Shell.RunAsync(
            script.Replace("http://localhost:5080", url.ToString().TrimEnd('/'), StringComparison.Ordinal), folder.Path, Ct);

        Assert.Contains("ETag: \"", output, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("\"title\":\"Grey heron\"", output, StringComparison.Ordinal);
        Assert.Single(Regex.Matches(output, "HTTP/1.1 404 Not Found"));
        Assert.Contains("\"code\":\"record_not_found\"", output, StringComparison.Ordinal);
        Assert.Single(Regex.Matches(output, "HTTP/1.1 201 Created"));
        Assert.Contains("\"status\":\"ready\"", output, StringComparison.Ordinal);
        Assert.Contains("\"width\":1200,\"height\":1600,\"placeholder\":\"", output, StringComparison.Ordinal);
        Assert.Contains("samples/photo.jpg:1", output, StringComparison.Ordinal);
        Assert.Contains("thumb.webp:0", output, StringComparison.Ordinal);
        Assert.Contains("\"collection\":\"notes\"", output, StringComparison.Ordinal);
        Assert.Contains("\"collection\":\"media\"", output, StringComparison.Ordinal);
        // Pushed twice, counted once.
        Assert.Equal(2, Regex.Count(output, "\"seq\":1,\"status\":\"applied\""));
        Assert.Contains("\"likes\":3", output, StringComparison.Ordinal);
        Assert.DoesNotContain("\"likes\":6", output, StringComparison.Ordinal);
        Assert.Matches("\"photo\":\"[0-9a-f-]{36}\"", output);
        var thumb = await File.ReadAllBytesAsync(folder.File("thumb.webp"), Ct);
        Assert.Equal("RIFF", System.Text.Encoding.ASCII.GetString(thumb, 0, 4));
    }

    private static async Task<string> ReadTourAsync()
    {
        var readme = await File.ReadAllTextAsync(Path.Combine(RepositoryFiles.Root, "README.md"), Ct);
        var tour = readme.Split("## Five-minute tour")[1].Split("\n## ")[0];
        var blocks = ShellBlock().Matches(tour);
        Assert.True(blocks.Count > 3);
        return string.Concat(blocks.Select(block => block.Groups[1].Value));
    }

    [GeneratedRegex("```sh\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex ShellBlock();
}
