using Local.Hosting;

namespace Bench.Load;

/// <summary>Local inside this program, so that its memory can be asked for.</summary>
internal static class HostedLocal
{
    public const string Mode = "hosted";

    public static async Task<int> RunAsync(string port, string data, string model = "model")
    {
        await using var app = LocalHost.Build(["--port", port, "--data", data, "--model", model, "--environment", "Development"]);
        await app.StartAsync();
        await GcReport.AnswerAsync();
        return 0;
    }
}
