using Functions.Tests.Fixtures;
using Functions.Tests.Hosting;

namespace Functions.Tests.Docs;

/// <summary>Runs the examples of the API page, one after the other, as somebody does who follows it.</summary>
public sealed class ApiExamplesTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_example_of_the_page_of_spaces_works()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "The examples are for a POSIX shell");
        using var folder = new TempFolder();
        await using var host = LocalProcess.Start("--port", "0", "--data", folder.File("data"));
        var url = await host.WaitForUrlAsync();
        var examples = Markdown.Read("docs/spaces.md").Blocks().Where(block => block.Info == "sh").Select(block => block.Code).ToList();
        Assert.True(examples.Count > 10);

        var script = "set -e\ncurl() { command curl -f \"$@\"; }\n"
            + string.Concat(examples).Replace("http://localhost:5080", url.ToString().TrimEnd('/'), StringComparison.Ordinal);
        var (code, output) = await Shell.RunAsync(script, folder.Path, Ct);

        Assert.True(code == 0, output);
        Assert.Contains("\"done\":true", output, StringComparison.Ordinal);
        Assert.Contains("\"name\":\"Owl watchers\"", output, StringComparison.Ordinal);
        Assert.Contains("\"collection\":\"memberships\"", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Every_example_of_the_api_page_works()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "The examples are for a POSIX shell");
        using var folder = new TempFolder();
        await using var host = LocalProcess.Start("--port", "0", "--data", folder.File("data"));
        var url = await host.WaitForUrlAsync();
        Directory.CreateDirectory(folder.File("samples"));
        File.Copy(RepositoryFiles.Photo, folder.File("samples/photo.jpg"));
        var examples = Markdown.Read("docs/api.md").Blocks().Where(block => block.Info == "sh").Select(block => block.Code).ToList();
        Assert.True(examples.Count > 10);

        // -f: an answer of 400 or more ends the script.
        var script = "set -e\ncurl() { command curl -f \"$@\"; }\n"
            + string.Concat(examples).Replace("http://localhost:5080", url.ToString().TrimEnd('/'), StringComparison.Ordinal);
        var (code, output) = await Shell.RunAsync(script, folder.Path, Ct);

        Assert.True(code == 0, output);
        Assert.Contains("HTTP/1.1 304 Not Modified", output, StringComparison.Ordinal);
        Assert.Contains("\"status\":\"ready\"", output, StringComparison.Ordinal);
        Assert.Contains("\"removed\":[{\"collection\":\"notes\",\"id\":\"heron-1\",\"version\":", output, StringComparison.Ordinal);
        Assert.Equal(100, new FileInfo(folder.File("first-bytes")).Length);
    }
}
