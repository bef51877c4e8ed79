using System.Diagnostics;
using Functions.Tests.Fixtures;

namespace Functions.Tests.GeneratedClient;

/// <summary>
/// What the description promises, proved by somebody else's program: a client generated from it by a generator from npm,
/// compiled strictly, and used against the running server.
/// </summary>
public sealed class GeneratedClientTests(BackendFixture backend)
{
    private static readonly string Sources = Path.Combine(NodeServer.Folder, "GeneratedClient");

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_client_generated_from_the_description_compiles_and_works()
    {
        using var user = await backend.NewUserAsync();
        using var folder = new TempFolder();
        await File.WriteAllBytesAsync(folder.File("openapi.json"), (await user.GetAsync("/openapi.json")).Bytes, Ct);
        await File.WriteAllTextAsync(folder.File("package.json"), """{ "type": "module" }""", Ct);
        foreach (var file in (string[])["openapi-ts.config.js", "tsconfig.json", "scenario.ts"])
        {
            File.Copy(Path.Combine(Sources, file), folder.File(file));
        }

        await RunAsync(folder, user, Tool("openapi-ts"));
        await RunAsync(folder, user, Tool("tsc"), "-p", ".");
        var output = await RunAsync(folder, user, "out/scenario.js");

        var steps = await File.ReadAllTextAsync(folder.File("scenario.ts"), Ct);
        Assert.Equal(steps.Split("\nstep(").Length - 1, output.Split("ok ").Length - 1);
    }

    private static string Tool(string name) => Path.Combine(NodeServer.Folder, "node_modules", ".bin", name);

    private static async Task<string> RunAsync(TempFolder folder, ApiClient user, params string[] arguments)
    {
        var start = new ProcessStartInfo("node", arguments)
        {
            WorkingDirectory = folder.Path,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["API_URL"] = user.Http.BaseAddress?.ToString().TrimEnd('/');
        start.Environment["API_TOKEN"] = user.Token;
        using var process = Process.Start(start) ?? throw new InvalidOperationException("There is no node");
        var output = process.StandardOutput.ReadToEndAsync(Ct);
        var errors = process.StandardError.ReadToEndAsync(Ct);
        await process.WaitForExitAsync(Ct);
        Assert.True(process.ExitCode == 0, $"node {string.Join(' ', arguments)}:\n{await output}\n{await errors}");
        return await output;
    }
}
