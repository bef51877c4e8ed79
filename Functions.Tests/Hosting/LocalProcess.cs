using System.Diagnostics;
using System.Text;
using Functions.Tests.Fixtures;

namespace Functions.Tests.Hosting;

/// <summary>The embedded host as a person runs it: a process of its own, with a console.</summary>
internal sealed class LocalProcess : IAsyncDisposable
{
    private readonly Process _process;
    private readonly StringBuilder _output = new();
    private readonly TaskCompletionSource<Uri> _url = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private LocalProcess(Process process) => _process = process;

    public int Id => _process.Id;

    /// <summary>Everything it printed so far.</summary>
    public string Output
    {
        get
        {
            lock (_output)
            {
                return _output.ToString();
            }
        }
    }

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public static LocalProcess Start(params string[] args) => StartFrom(AppContext.BaseDirectory, args);

    /// <param name="program">The folder with the program.</param>
    /// <param name="args">Its command line.</param>
    public static LocalProcess StartFrom(string program, params string[] args) =>
        StartDotnet([Path.Combine(program, "Local.dll"), .. args], "Development");

    /// <summary>The README's first command, with arguments for the program; what it builds has been built with the tests.</summary>
    public static LocalProcess StartAsTheReadmeSays(params string[] args)
    {
        var isRelease = AppContext.BaseDirectory.Contains($"{Path.DirectorySeparatorChar}release", StringComparison.Ordinal);
        return StartDotnet(
            ["run", "--project", "Local", "--no-build", "-c", isRelease ? "Release" : "Debug", "--", .. args], environment: null);
    }

    private static LocalProcess StartDotnet(string[] arguments, string? environment)
    {
        var start = new ProcessStartInfo("dotnet", arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = RepositoryFiles.Root,
        };
        start.Environment["DOTNET_ENVIRONMENT"] = environment;
        var process = new LocalProcess(new Process { StartInfo = start });
        process._process.OutputDataReceived += process.Read;
        process._process.ErrorDataReceived += process.Read;
        process._process.Start();
        process._process.BeginOutputReadLine();
        process._process.BeginErrorReadLine();
        return process;
    }

    /// <summary>Waits until it says where it listens.</summary>
    public async Task<Uri> WaitForUrlAsync()
    {
        var exited = _process.WaitForExitAsync(Ct);
        return await Task.WhenAny(_url.Task, exited) == _url.Task
            ? await _url.Task
            : throw new InvalidOperationException($"The host ended:\n{Output}");
    }

    /// <exception cref="InvalidOperationException">It does not end, for instance because whoever started the tests ignores SIGINT.</exception>
    public async Task<int> WaitForExitAsync()
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Ct);
        limit.CancelAfter(TimeSpan.FromMinutes(2));
        try
        {
            await _process.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException) when (!Ct.IsCancellationRequested)
        {
            throw new InvalidOperationException($"The host does not end:\n{Output}");
        }

        return _process.ExitCode;
    }

    /// <summary>What Ctrl-C sends.</summary>
    public async Task InterruptAsync()
    {
        using var kill = Process.Start("kill", ["-INT", $"{_process.Id}"]);
        await kill.WaitForExitAsync(Ct);
    }

    /// <summary>SIGKILL: no chance to tidy up.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync(Ct);
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync(CancellationToken.None);
        }

        _process.Dispose();
    }

    private void Read(object sender, DataReceivedEventArgs line)
    {
        lock (_output)
        {
            _output.AppendLine(line.Data);
        }

        if (line.Data?.Split("  API          ") is [_, var url])
        {
            _url.TrySetResult(new Uri(url.Trim()));
        }
    }
}
