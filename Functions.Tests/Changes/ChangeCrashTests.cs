using System.Diagnostics;
using Functions.Tests.Fixtures;

namespace Functions.Tests.Changes;

/// <summary>
/// A process that writes records, and whose handler of changes often fails, is killed at any moment: every record's latest
/// version is delivered in the end, and within a scope in the order of the writes.
/// </summary>
public sealed class ChangeCrashTests
{
    private const int Kills = 12;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_change_is_delivered_whenever_the_process_is_killed()
    {
        using var folder = new TempFolder();
        var random = new Random(7);
        var written = new List<string>();
        for (var life = 0; life < Kills; life++)
        {
            written.AddRange(await LiveAndDieAsync(folder.Path, life, random));
        }

        // The one write that a kill may have cut off between its commit and its line is delivered as well.
        var latest = written.Select(Change.Parse).GroupBy(change => (change.Scope, change.Id))
            .ToDictionary(group => group.Key, group => group.Max(change => change.Sequence));
        Assert.NotEmpty(latest);

        using var last = Launch(folder.Path, 0, "finish");
        await last.StandardOutput.ReadLineAsync(Ct);
        IReadOnlyList<Change> deliveries = [];
        await Eventually.TrueAsync(async () =>
        {
            deliveries = await ReadDeliveriesAsync(folder.Path);
            return latest.All(expected => LastOf(deliveries, expected.Key) >= expected.Value) && IsOrdered(deliveries);
        });
        await last.StandardInput.WriteLineAsync();
        await last.WaitForExitAsync(Ct);
        Assert.Equal(0, last.ExitCode);
    }

    /// <summary>Whether the last deliveries of the records of each scope are in the order of their writes.</summary>
    private static bool IsOrdered(IReadOnlyList<Change> deliveries) => deliveries
        .Index()
        .GroupBy(item => (item.Item.Scope, item.Item.Id))
        .Select(record => record.Last())
        .GroupBy(item => item.Item.Scope)
        .All(scope => scope.OrderBy(item => item.Index).Select(item => item.Item.Sequence).ToList() is var sequences
            && sequences.SequenceEqual(sequences.Order()));

    private static long LastOf(IReadOnlyList<Change> deliveries, (string Scope, string Id) record) => deliveries
        .Where(change => change.Scope == record.Scope && change.Id == record.Id)
        .Select(change => change.Sequence)
        .LastOrDefault();

    private static async Task<IReadOnlyList<Change>> ReadDeliveriesAsync(string folder)
    {
        await using var file = new FileStream(
            Path.Combine(folder, "deliveries"), FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        using var reader = new StreamReader(file);
        // A line that a kill cut off counts for nothing.
        return [.. (await reader.ReadToEndAsync(Ct)).Split('\n').Select(Change.TryParse).OfType<Change>()];
    }

    private static async Task<IEnumerable<string>> LiveAndDieAsync(string folder, int seed, Random random)
    {
        using var process = Launch(folder, seed);
        var lines = new List<string>();
        var most = random.Next(0, 400);
        while (lines.Count <= most && await process.StandardOutput.ReadLineAsync(Ct) is { } line)
        {
            lines.Add(line);
        }

        await Task.Delay(random.Next(0, 500), Ct);
        process.Kill(); // SIGKILL
        lines.AddRange((await process.StandardOutput.ReadToEndAsync(Ct)).Split('\n')[..^1]);
        await process.WaitForExitAsync(Ct);
        return lines.Where(line => line != "ready");
    }

    private static Process Launch(string folder, int seed, params string[] more)
    {
        var start = new ProcessStartInfo("dotnet")
        {
            ArgumentList =
            {
                Path.Combine(AppContext.BaseDirectory, "Functions.Tests.CrashHost.dll"), "changes", folder, RepositoryFiles.Model,
                $"{seed}",
            },
            RedirectStandardOutput = true,
            RedirectStandardInput = true,
        };
        Array.ForEach(more, start.ArgumentList.Add);
        return Process.Start(start) ?? throw new InvalidOperationException("the process did not start");
    }

    private sealed record Change(string Scope, string Id, long Sequence)
    {
        public static Change? TryParse(string line) =>
            line.Split(' ') is [var scope, var id, var etag] && long.TryParse(etag, out var sequence) ? new(scope, id, sequence) : null;

        public static Change Parse(string line) => TryParse(line) ?? throw new FormatException(line);
    }
}
