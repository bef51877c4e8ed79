using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Bench.Load;

/// <summary>A server in a process of its own, with a data folder of its own, and what it costs.</summary>
internal sealed class Target : IAsyncDisposable
{
    private readonly DirectoryInfo _data;
    private readonly Process _process;

    private Target(string name, DirectoryInfo data, Process process, int port)
    {
        Name = name;
        _data = data;
        _process = process;
        Port = port;
        Client = new LoadClient(port);
        Http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}"), Timeout = TimeSpan.FromSeconds(30) };
    }

    public string Name { get; }

    public int Port { get; }

    public LoadClient Client { get; }

    public HttpClient Http { get; }

    /// <summary>What the process has spent on its processors so far.</summary>
    public TimeSpan Cpu
    {
        get
        {
            _process.Refresh();
            return _process.TotalProcessorTime;
        }
    }

    /// <summary>Resident memory in MB.</summary>
    public double MemoryMb
    {
        get
        {
            _process.Refresh();
            return _process.WorkingSet64 / 1048576.0;
        }
    }

    /// <summary>The most that it ever was, in MB.</summary>
    public double PeakMemoryMb
    {
        get
        {
            _process.Refresh();
            return _process.PeakWorkingSet64 / 1048576.0;
        }
    }

    /// <summary>A published Local.</summary>
    public static Task<Target> StartLocalAsync(string program, DirectoryInfo? data = null, string model = "model") =>
        StartAsync("Local", data, (port, folder) => new ProcessStartInfo(
            Path.GetFullPath(program), ["--port", $"{port}", "--data", folder, "--model", model, "--environment", "Development"]));

    /// <summary>This program again in another mode, see Program.cs.</summary>
    public static Task<Target> StartSelfAsync(string mode, DirectoryInfo? data = null, params string[] more) =>
        StartAsync(mode, data, (port, folder) => new ProcessStartInfo(
            Environment.ProcessPath ?? throw new InvalidOperationException("No path"), [mode, $"{port}", folder, .. more]));

    /// <summary>A script of the bench in Node.</summary>
    public static Task<Target> StartNodeAsync(string script) =>
        StartAsync(script, null, (port, folder) => new ProcessStartInfo("node", [Path.GetFullPath(script), $"{port}", folder]));

    private static async Task<Target> StartAsync(string name, DirectoryInfo? data, Func<int, string, ProcessStartInfo> describe)
    {
        data ??= Directory.CreateTempSubdirectory("backend-bench-");
        var port = FreePort();
        var start = describe(port, data.FullName);
        start.RedirectStandardInput = true;
        start.RedirectStandardOutput = true;
        var process = Process.Start(start) ?? throw new InvalidOperationException($"{name} did not start");
        var target = new Target(name, data, process, port);
        for (var tries = 0; tries < 3000; tries++)
        {
            try
            {
                using var answer = await target.Http.GetAsync(new Uri("/health/live", UriKind.Relative));
                return target;
            }
            catch (HttpRequestException) when (!process.HasExited)
            {
                await Task.Delay(10);
            }
        }

        throw new InvalidOperationException($"{name} gave no answer");
    }

    /// <summary>
    /// What the managed memory of the process is like; only for a process that answers on its console, see
    /// <see cref="GcReport"/>.
    /// </summary>
    public async Task<(long Allocated, long Heap)> ReadGcAsync()
    {
        await _process.StandardInput.WriteLineAsync(GcReport.Question);
        await _process.StandardInput.FlushAsync();
        while (await _process.StandardOutput.ReadLineAsync() is { } line)
        {
            if (line.Split(' ') is [GcReport.Question, var allocated, var heap])
            {
                return (long.Parse(allocated, CultureInfo.InvariantCulture), long.Parse(heap, CultureInfo.InvariantCulture));
            }
        }

        throw new InvalidOperationException($"{Name} has ended");
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
        _data.Delete(recursive: true);
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
