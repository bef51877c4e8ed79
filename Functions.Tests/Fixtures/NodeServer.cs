using System.Diagnostics;
using System.Text;
using System.Text.RegularExpressions;

namespace Functions.Tests.Fixtures;

/// <summary>
/// A server from npm in a process of its own, on a free port of 127.0.0.1. It ends with this process, even when that
/// is killed (servers/exit-with-parent.cjs).
/// </summary>
internal sealed partial class NodeServer : IAsyncDisposable
{
    private static readonly TimeSpan StartTimeout = TimeSpan.FromSeconds(60);

    private readonly Process _process;
    private readonly StringBuilder _output = new();
    private readonly TaskCompletionSource<Uri> _address = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private NodeServer(string script, string[] arguments)
    {
        var start = new ProcessStartInfo("node")
        {
            WorkingDirectory = Folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var argument in (string[])["--require", "./Fixtures/servers/exit-with-parent.cjs", script, .. arguments])
        {
            start.ArgumentList.Add(argument);
        }

        _process = new Process { StartInfo = start, EnableRaisingEvents = true };
        _process.OutputDataReceived += (_, line) => Heard(line.Data);
        _process.ErrorDataReceived += (_, line) => Heard(line.Data);
        _process.Exited += (_, _) => _address.TrySetException(Failed($"{script} ended"));
    }

    /// <summary>The test project's folder, which has node_modules; found from here, so that a clone may lie anywhere.</summary>
    public static string Folder { get; } = FindFolder();

    /// <summary>Starts a script and waits until it says on which address it "listens on".</summary>
    /// <param name="script">Its path, from the test project's folder.</param>
    /// <param name="arguments">Its arguments.</param>
    public static async Task<(NodeServer Server, Uri Address)> StartAsync(string script, params string[] arguments)
    {
        var server = new NodeServer(script, arguments);
        try
        {
            server._process.Start();
            server._process.BeginOutputReadLine();
            server._process.BeginErrorReadLine();
            return (server, await server._address.Task.WaitAsync(StartTimeout));
        }
        catch (TimeoutException)
        {
            await server.DisposeAsync();
            throw server.Failed($"{script} did not start within {StartTimeout}");
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            _process.Kill();
            await _process.WaitForExitAsync();
        }
        catch (InvalidOperationException)
        {
            // It never started, or has ended already.
        }

        _process.Dispose();
    }

    private void Heard(string? line)
    {
        if (line is null)
        {
            return;
        }

        lock (_output)
        {
            _output.AppendLine(line);
        }

        if (ListensOn().Match(line) is { Success: true } match)
        {
            _address.TrySetResult(new Uri(match.Groups[1].Value));
        }
    }

    private InvalidOperationException Failed(string what)
    {
        lock (_output)
        {
            return new InvalidOperationException($"{what}. It said:\n{_output}");
        }
    }

    private static string FindFolder()
    {
        var above = new DirectoryInfo(AppContext.BaseDirectory);
        while (above is not null && !File.Exists(Path.Combine(above.FullName, "Functions.Tests", "package.json")))
        {
            above = above.Parent;
        }

        return Path.Combine(
            above?.FullName ?? throw new DirectoryNotFoundException($"No Functions.Tests/package.json above {AppContext.BaseDirectory}."),
            "Functions.Tests");
    }

    [GeneratedRegex(@"listens on (https?://\S+)")]
    private static partial Regex ListensOn();
}
