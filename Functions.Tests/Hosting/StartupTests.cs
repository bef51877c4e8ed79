using System.Net;
using System.Net.Sockets;
using Functions.Tests.Fixtures;

namespace Functions.Tests.Hosting;

/// <summary>Starting, stopping and what a person is told when it does not work.</summary>
public sealed class StartupTests : IDisposable
{
    private const string NothingListens = "AccountName=a;AccountKey=a2V5;BlobEndpoint=http://127.0.0.1:1/a";

    private readonly TempFolder _folder = new();

    [Fact]
    public async Task It_tells_what_a_person_needs_and_stops_cleanly_on_ctrl_c()
    {
        await using var host = LocalProcess.Start("--port", "0", "--data", _folder.Path);
        var url = await host.WaitForUrlAsync();
        using var alice = await ApiClient.CreateAsync(url, new Uri(url, "/dev/token"), "alice");
        Assert.Equal(HttpStatusCode.Created, (await alice.PostAsync("/v1/data/notes", """{"title":"kept"}""")).Status);

        await host.InterruptAsync();

        Assert.Equal(0, await host.WaitForExitAsync());
        Assert.Contains($"{url}dev/token", host.Output, StringComparison.Ordinal);
        Assert.Contains("Development identity", host.Output, StringComparison.Ordinal);
        Assert.Contains("Ctrl-C", host.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("fail:", host.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_first_command_of_the_readme_starts_it_in_development_with_the_sample_model()
    {
        var readme = await File.ReadAllTextAsync(Path.Combine(RepositoryFiles.Root, "README.md"), TestContext.Current.CancellationToken);
        Assert.Contains("```sh\ndotnet run --project Local\n```", readme, StringComparison.Ordinal);

        await using var host = LocalProcess.StartAsTheReadmeSays("--port", "0", "--data", _folder.Path);
        var url = await host.WaitForUrlAsync();

        using var alice = await ApiClient.CreateAsync(url, new Uri(url, "/dev/token"), "alice");
        Assert.Equal(HttpStatusCode.Created, (await alice.PostAsync("/v1/data/notes", """{"title":"a"}""")).Status);
        Assert.Equal(HttpStatusCode.OK, (await alice.GetAsync("/openapi.json")).Status);
    }

    [Fact]
    public async Task Data_and_tokens_survive_a_restart()
    {
        var port = FreePort();
        string token;
        string id;
        await using (var first = LocalProcess.Start("--port", $"{port}", "--data", _folder.Path))
        {
            var url = await first.WaitForUrlAsync();
            using var alice = await ApiClient.CreateAsync(url, new Uri(url, "/dev/token"), "alice");
            token = alice.Token ?? "";
            id = (await alice.PostAsync("/v1/data/notes", """{"title":"kept"}""")).Id;
            await first.KillAsync();
        }

        await using var second = LocalProcess.Start("--port", $"{port}", "--data", _folder.Path);
        using var again = new ApiClient(await second.WaitForUrlAsync(), "alice", token);

        Assert.Equal("kept", (await again.GetAsync($"/v1/data/notes/{id}")).Json.GetProperty("title").GetString());
    }

    [Fact]
    public async Task A_port_in_use_is_told_in_one_line()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;

        await AssertRefusedAsync($"{port}", "--port", $"{port}", "--data", _folder.Path);
    }

    [Fact]
    public async Task A_data_folder_that_cannot_be_written_is_told_in_one_line()
    {
        await File.WriteAllTextAsync(_folder.File("file"), "", TestContext.Current.CancellationToken);

        await AssertRefusedAsync("--data", "--port", "0", "--data", Path.Combine(_folder.File("file"), "data"));
    }

    [Fact]
    public async Task A_data_folder_of_another_process_is_told_in_one_line()
    {
        await using var backend = await LocalBackend.StartAsync(_folder.Path);

        await AssertRefusedAsync("in use by another process", "--port", "0", "--data", _folder.Path);
    }

    [Fact]
    public async Task A_database_of_a_newer_version_is_told_in_one_line()
    {
        await using (var connection = new Microsoft.Data.Sqlite.SqliteConnection($"Data Source={_folder.File("backend.db")};Pooling=false"))
        {
            connection.Open();
            await using var command = connection.CreateCommand();
            command.CommandText = "PRAGMA user_version = 999";
            command.ExecuteNonQuery();
        }

        await AssertRefusedAsync("version 999", "--port", "0", "--data", _folder.Path);
    }

    [Fact]
    public async Task A_model_with_errors_is_told_error_by_error()
    {
        await File.WriteAllTextAsync(
            _folder.File("notes.json"), """{"scope":"moon","fields":{"a":{"type":"b"}}}""", TestContext.Current.CancellationToken);

        await using var host = LocalProcess.Start("--port", "0", "--data", _folder.File("data"), "--model", _folder.Path);

        Assert.Equal(1, await host.WaitForExitAsync());
        Assert.Contains("notes.json $.scope: 'moon' is none of", host.Output, StringComparison.Ordinal);
        Assert.Contains("notes.json $.fields.a.type: 'b' is none of", host.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", host.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("'--prot' is not an option", "--prot", "1")]
    [InlineData("--port needs a value", "--port")]
    [InlineData("--port must be a number", "--port", "99999")]
    [InlineData("either --port or --urls", "--port", "0", "--urls", "http://127.0.0.1:0")]
    [InlineData("there is no such folder", "--model", "no-such-folder")]
    [InlineData("MaxPixels", "--Media:MaxPixels=0")]
    [InlineData("Media:MaxPixel is not a setting; did you mean Media:MaxPixels?", "--Media:MaxPixel=5")]
    [InlineData("Auth:ClockScewSeconds is not a setting; did you mean Auth:ClockSkewSeconds?", "--auth:ClockScewSeconds=5", "--Media:MaxPixels=0")]
    [InlineData("MaxFrames", "--Http:MaxJsonDepth=1", "--Media:MaxFrames=0")]
    [InlineData("MaxJsonDepth", "--Http:MaxJsonDepth=1", "--Media:MaxFrames=0")]
    [InlineData("DefaultPageSize: Must not be more than MaxPageSize, which is 10", "--Sync:MaxPageSize=10")]
    [InlineData("DefaultPageSize: Must not be more than MaxPageSize, which is 10", "--Records:MaxPageSize=10")]
    [InlineData("MaxBodyBytes", "--Http:MaxBodyBytes=abc")]
    [InlineData("nonsense", "--urls", "nonsense")]
    [InlineData("--blobs must be files, azurite or azure, not 'tape'", "--blobs", "tape")]
    [InlineData("Set either Endpoint or ConnectionString", "--blobs", "azure")]
    [InlineData("UploadPolling:IntervalMs is not a setting; did you mean UploadPolling:IntervalMilliseconds?", "--blobs", "azurite", "--UploadPolling:IntervalMs=1")]
    [InlineData("http://127.0.0.1:1/a cannot be reached. Start Azurite", "--blobs", "azurite", $"--Blobs:ConnectionString={NothingListens}")]
    [InlineData("http://127.0.0.1:1/a cannot be reached. Check Blobs:", "--blobs", "azure", $"--Blobs:ConnectionString={NothingListens}")]
    [InlineData("BACKEND_AUTH__AUTHORITY", "--environment", "Production")]
    public Task A_wrong_argument_is_told_in_one_line(string reason, params string[] args) =>
        AssertRefusedAsync(reason, ["--data", _folder.Path, .. args]);

    [Fact]
    public async Task A_missing_native_library_is_told_with_what_to_do()
    {
        var program = _folder.File("program");
        CopyFolder(AppContext.BaseDirectory, program, file => !file.Contains("libvips", StringComparison.Ordinal));

        await using var host = LocalProcess.StartFrom(program, "--port", "0", "--data", _folder.File("data"));

        var ended = await Record.ExceptionAsync(host.WaitForUrlAsync);
        Assert.SkipWhen(ended is null, "The system has a libvips that is good enough, and it was found");
        Assert.Equal(1, await host.WaitForExitAsync());
        Assert.Contains("npm ci", host.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", host.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Help_lists_the_options()
    {
        await using var host = LocalProcess.Start("--help");

        Assert.Equal(0, await host.WaitForExitAsync());
        Assert.Contains("--model <folder>", host.Output, StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Dispose();

    private static async Task AssertRefusedAsync(string reason, params string[] args)
    {
        await using var host = LocalProcess.Start(args);

        Assert.Equal(1, await host.WaitForExitAsync());
        Assert.Contains(reason, host.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", host.Output, StringComparison.Ordinal); // no stack trace
    }

    private static void CopyFolder(string from, string to, Func<string, bool> which)
    {
        foreach (var file in Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories).Where(which))
        {
            var target = Path.Combine(to, Path.GetRelativePath(from, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target) ?? to);
            File.Copy(file, target);
        }
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
