using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Bench;

/// <summary>A published Local with a data folder of its own, on a free port.</summary>
internal sealed class HostUnderTest : IAsyncDisposable
{
    private readonly DirectoryInfo _data = Directory.CreateTempSubdirectory("backend-bench-");
    private readonly Process _process;

    private HostUnderTest(string program)
    {
        var start = new ProcessStartInfo(Path.GetFullPath(program)) { RedirectStandardOutput = true };
        foreach (var arg in new[] { "--port", $"{Port}", "--data", _data.FullName })
        {
            start.ArgumentList.Add(arg);
        }

        start.Environment["DOTNET_ENVIRONMENT"] = "Development";
        var watch = Stopwatch.StartNew();
        _process = Process.Start(start) ?? throw new InvalidOperationException($"{program} did not start");
        _process.OutputDataReceived += static (_, _) => { };
        _process.BeginOutputReadLine();
        Watch = watch;
        Http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{Port}") };
    }

    public HttpClient Http { get; }

    private int Port { get; } = FreePort();

    private Stopwatch Watch { get; }

    /// <returns>The host, and how long it took from its start to its first answer.</returns>
    public static async Task<(HostUnderTest Host, TimeSpan FirstAnswer)> StartAsync(string program)
    {
        var host = new HostUnderTest(program);
        while (host.Watch.Elapsed < TimeSpan.FromSeconds(30))
        {
            try
            {
                using var answer = await host.Http.GetAsync(new Uri("/health/ready", UriKind.Relative));
                answer.EnsureSuccessStatusCode();
                return (host, host.Watch.Elapsed);
            }
            catch (HttpRequestException) when (!host._process.HasExited)
            {
                await Task.Delay(2);
            }
        }

        throw new InvalidOperationException($"{program} gave no answer");
    }

    /// <summary>Resident memory in MB; the peak where the system tells it.</summary>
    public (long Now, long Peak) Memory()
    {
        _process.Refresh();
        return (_process.WorkingSet64 >> 20, _process.PeakWorkingSet64 >> 20);
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
