using System.Diagnostics;
using System.Globalization;
using Functions.Tests.CrashHost;
using Functions.Tests.Fixtures;
using Local.Sqlite;
using Microsoft.Data.Sqlite;

namespace Functions.Tests.Orchestrations;

/// <summary>
/// Kills a process that runs orchestrations, again and again, and asks what became of its work. A longer run is
/// <c>CRASH_KILLS=2000 CRASH_SEED=7 dotnet test Functions.Tests --filter FullyQualifiedName~Orchestrations.CrashTests</c>.
/// </summary>
public sealed class CrashTests(ITestOutputHelper output)
{
    private static readonly int[] Seeds = [1, 2, 3, 4];

    /// <summary>Of each seed; fewer on a machine that is busy with other things, unless it was told how many.</summary>
    private const int Kills = 60;

    private static readonly TimeSpan LongestKilling = TimeSpan.FromSeconds(80);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Killed_at_any_moment_every_instance_completes_with_every_outcome_applied_once()
    {
        var kills = Number("CRASH_KILLS");
        int[] seeds = Number("CRASH_SEED") is { } seed ? [seed] : Seeds;
        var together = new ParallelOptions { MaxDegreeOfParallelism = Seeds.Length, CancellationToken = Ct };
        await Parallel.ForEachAsync(seeds, together, async (one, _) => await RunAsync(one, kills));

        static int? Number(string variable) =>
            int.TryParse(Environment.GetEnvironmentVariable(variable), CultureInfo.InvariantCulture, out var number)
                ? number
                : null;
    }

    [Fact]
    public async Task A_frozen_process_is_passed_over_and_changes_nothing_when_it_comes_back()
    {
        using var folder = new TempFolder();
        using var frozen = CrashHostProcess.Launch(folder.Path, "frozen");
        for (var line = ""; line is not null && !line.StartsWith("frozen-", StringComparison.Ordinal);)
        {
            line = await frozen.StandardOutput.ReadLineAsync(Ct);
        }

        var file = folder.File("backend.db");
        await FreezeAsync(frozen, file);
        using (var second = CrashHostProcess.Launch(folder.Path, "second"))
        {
            await Eventually.TrueAsync(() => Task.FromResult(Epoch(file) == 2));
            Signal(frozen, "CONT");
            await Task.Delay(TimeSpan.FromSeconds(1.5), Ct); // for whatever it now believes
            Assert.False(frozen.HasExited);
            Assert.Equal(2, Epoch(file));
            second.Kill();
        }

        frozen.Kill();
        await CrashHostProcess.FinishAsync(folder.Path, Ct);
        await using var database = new SqliteDatabase(folder.File("backend.db"));
        var ids = CrashAssert.AllComplete(database, folder.Path).Keys;
        Assert.Contains(ids, id => id.StartsWith("frozen-", StringComparison.Ordinal));
    }

    private async Task RunAsync(int seed, int? kills)
    {
        output.WriteLine($"seed {seed}");
        using var folder = TempFolder.InMemory();
        var random = new Random(seed);
        var promised = new List<string>();
        var watch = Stopwatch.StartNew();
        var life = 0;
        for (; life < (kills ?? Kills) && (kills is not null || watch.Elapsed < LongestKilling); life++)
        {
            promised.AddRange(await CrashHostProcess.LiveAndDieAsync(folder.Path, $"{life}", random, Ct));
            // So that there is always something to recover, and never more than the last life can finish.
            if (life % 20 == 19)
            {
                await CrashHostProcess.FinishAsync(folder.Path, Ct);
            }
        }

        var killed = watch.Elapsed;
        await CrashHostProcess.FinishAsync(folder.Path, Ct);
        await using var database = new SqliteDatabase(folder.File("backend.db"));
        var runs = CrashAssert.AllComplete(database, folder.Path);
        var rerun = Promises("rerun ").CountBy(id => id).ToList();
        var terminated = Promises("terminated ").ToList();
        var started = promised.Where(line => !line.Contains(' ', StringComparison.Ordinal)).ToHashSet();
        var stamps = Ledger.Read(folder.Path).Select(line => line.Split(' ')[0]).ToList();
        output.WriteLine(
            $"seed {seed}: {life} kills in {killed.TotalSeconds:0} s, {runs.Count} instances, {started.Count} of them promised, " +
            $"{rerun.Sum(id => id.Value)} reruns, {terminated.Count} terminations; " +
            $"{stamps.Count} stamps by {stamps.Distinct().Count()} instances");
        Assert.Subset(runs.Keys.ToHashSet(), started);
        Assert.All(rerun, id => Assert.True(runs[id.Key] > id.Value, $"{id.Key} has had {runs[id.Key]} runs, {id.Value} of them again"));
        Assert.Equal(terminated.Distinct().Count(), terminated.Count);
        Assert.True(runs.Count >= life, $"only {runs.Count} instances were started");

        IEnumerable<string> Promises(string what) => promised.Where(line => line.StartsWith(what, StringComparison.Ordinal)).Select(line => line[what.Length..]);
    }

    /// <summary>Not within a transaction, whose lock of the file nobody could take from it.</summary>
    private static async Task FreezeAsync(Process process, string file)
    {
        Signal(process, "STOP");
        while (!CanWrite(file))
        {
            Signal(process, "CONT");
            await Task.Delay(TimeSpan.FromMilliseconds(20), Ct);
            Signal(process, "STOP");
        }
    }

    private static bool CanWrite(string file)
    {
        using var connection = new SqliteConnection($"Data Source={file};Pooling=false;Default Timeout=1");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = "BEGIN IMMEDIATE; ROLLBACK";
        try
        {
            command.ExecuteNonQuery();
            return true;
        }
        catch (SqliteException busy) when (busy.SqliteErrorCode == SQLitePCL.raw.SQLITE_BUSY)
        {
            return false;
        }
    }

    private static void Signal(Process process, string signal)
    {
        using var kill = Process.Start("kill", [$"-{signal}", $"{process.Id}"]);
        kill.WaitForExit();
    }

    private static long Epoch(string file)
    {
        using var connection = new SqliteConnection($"Data Source={file};Pooling=false");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT epoch FROM orchestration_engine";
        return (long?)command.ExecuteScalar() ?? 0;
    }
}
