using System.Diagnostics;

namespace Functions.Tests.Orchestrations;

/// <summary>A process with the embedded engine and a mixed load, and what is done to it.</summary>
internal static class CrashHostProcess
{
    public static Process Launch(string folder, params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet")
        {
            ArgumentList = { Path.Combine(AppContext.BaseDirectory, "Functions.Tests.CrashHost.dll"), folder },
            RedirectStandardOutput = true,
        };
        Array.ForEach(arguments, start.ArgumentList.Add);
        return Process.Start(start) ?? throw new InvalidOperationException("the process did not start");
    }

    /// <returns>What it had promised before it was killed: see its Program.cs.</returns>
    public static async Task<List<string>> LiveAndDieAsync(
        string folder, string prefix, Random random, CancellationToken ct)
    {
        using var process = Launch(folder, prefix);
        var promised = new List<string>();
        // Now and then it dies before it has done anything of its own: while it starts, or recovers. Else after so much
        // work, and not after a time, in which a busy machine may have done nothing.
        var lines = random.Next(6) == 0 ? 0 : random.Next(1, 20);
        while (promised.Count < lines && await process.StandardOutput.ReadLineAsync(ct) is { } line)
        {
            promised.Add(line);
        }

        await Task.Delay(random.Next(lines == 0 ? 300 : 40), ct);
        process.Kill(); // SIGKILL
        var rest = await process.StandardOutput.ReadToEndAsync(ct);
        await process.WaitForExitAsync(ct);
        // The last line may have been cut off in the middle; then its start was not yet told to anybody.
        return [.. promised.Concat(rest.Split('\n')[..^1]).Where(static line => line != "ready")];
    }

    /// <summary>A life that ends by itself when there is nothing left to do.</summary>
    public static async Task FinishAsync(string folder, CancellationToken ct)
    {
        using var process = Launch(folder);
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(ct);
        deadline.CancelAfter(TimeSpan.FromSeconds(60));
        try
        {
            await process.WaitForExitAsync(deadline.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(); // what it left undone is told by the assertions
        }
    }
}
