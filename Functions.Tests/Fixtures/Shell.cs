using System.Diagnostics;

namespace Functions.Tests.Fixtures;

/// <summary>Runs a script as if it were pasted into a POSIX shell.</summary>
internal static class Shell
{
    /// <returns>The exit code, and all that was printed.</returns>
    public static async Task<(int Code, string Output)> RunAsync(string script, string folder, CancellationToken ct)
    {
        var start = new ProcessStartInfo("sh")
        {
            WorkingDirectory = folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var shell = Process.Start(start) ?? throw new InvalidOperationException("There is no sh");
        var output = shell.StandardOutput.ReadToEndAsync(ct);
        var errors = shell.StandardError.ReadToEndAsync(ct);
        await shell.StandardInput.WriteAsync(script.AsMemory(), ct);
        shell.StandardInput.Close();
        await shell.WaitForExitAsync(ct);
        return (shell.ExitCode, $"{await output}\n{await errors}");
    }
}
