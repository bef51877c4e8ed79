using System.Diagnostics;
using Backend.Orchestrations;
using Functions.Tests.Fixtures;
using Local.Orchestrations;
using Local.Sqlite;

namespace Functions.Tests.Orchestrations;

/// <summary>Kills a process that runs orchestrations, again and again, and asks what became of its work.</summary>
public sealed class CrashTests(ITestOutputHelper output) : IDisposable
{
    private const int Kills = 30;

    /// <summary>Fewer kills on a machine that is busy with other things.</summary>
    private static readonly TimeSpan LongestKilling = TimeSpan.FromSeconds(18);

    private readonly TempFolder _folder = new();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Killed_at_any_moment_every_instance_completes_with_every_outcome_applied_once()
    {
        var seed = Environment.TickCount;
        output.WriteLine($"seed {seed}");
        var random = new Random(seed);
        var promised = new List<string>();
        var watch = Stopwatch.StartNew();
        var life = 0;
        for (; life < Kills && watch.Elapsed < LongestKilling; life++)
        {
            promised.AddRange(await LiveAndDieAsync($"{life}", random));
        }

        await FinishAsync();
        await using var database = new SqliteDatabase(Path.Combine(_folder.Path, "backend.db"));
        var instances = database.Read(session => session.Query(
            "SELECT id FROM orchestration_instances", row => row.GetString(0)));
        output.WriteLine($"{life} kills, {instances.Count} instances, {promised.Count} of them promised");
        Assert.True(instances.Count >= life, $"only {instances.Count} instances were started");
        Assert.Subset(instances.ToHashSet(), promised.ToHashSet());
        Assert.All(instances, id => AssertComplete(database, id));
        Assert.Equal("ok", database.Read(session => session.Scalar("PRAGMA integrity_check")));
    }

    /// <returns>The instances that it had promised to run before it was killed.</returns>
    private async Task<List<string>> LiveAndDieAsync(string prefix, Random random)
    {
        using var process = Launch(prefix);
        var started = new List<string>();
        // Now and then it dies before it has done anything of its own: while it recovers.
        if (random.Next(6) != 0 && await process.StandardOutput.ReadLineAsync(Ct) is { } first)
        {
            started.Add(first);
        }

        await Task.Delay(random.Next(150), Ct);
        process.Kill(); // SIGKILL
        var rest = await process.StandardOutput.ReadToEndAsync(Ct);
        await process.WaitForExitAsync(Ct);
        // The last line may have been cut off in the middle; then its start was not yet told to anybody.
        started.AddRange(rest.Split('\n')[..^1]);
        return started.ConvertAll(static line => line["started ".Length..]);
    }

    /// <summary>A last life, which ends by itself when there is nothing left to do.</summary>
    private async Task FinishAsync()
    {
        using var process = Launch();
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(Ct);
        deadline.CancelAfter(TimeSpan.FromSeconds(20));
        try
        {
            await process.WaitForExitAsync(deadline.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(); // what it left undone is told by the assertions
        }
    }

    private Process Launch(params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet")
        {
            ArgumentList = { Path.Combine(AppContext.BaseDirectory, "Functions.Tests.CrashHost.dll"), _folder.Path },
            RedirectStandardOutput = true,
        };
        Array.ForEach(arguments, start.ArgumentList.Add);
        return Process.Start(start) ?? throw new InvalidOperationException("the process did not start");
    }

    private static void AssertComplete(SqliteDatabase database, string id)
    {
        var instance = new OrchestrationStore(database).Find(id);
        Assert.NotNull(instance);
        Assert.Null(instance.Error);
        Assert.Equal(OrchestrationState.Completed, instance.State);
        Assert.Equal($"{int.Parse(id.Split('-')[1], null) + 9}", instance.Output);

        var rows = database.Read(session => session.Query(
            $"SELECT sequence, {HistoryRow.Columns} FROM orchestration_history WHERE instance = @id ORDER BY sequence",
            row => (Sequence: row.GetInt32(0), Event: HistoryRow.Read(row, 1)),
            ("@id", id)));
        Assert.Equal(Enumerable.Range(1, rows.Count), rows.Select(row => row.Sequence));

        var asked = rows.Select(row => TaskAsked(row.Event)).OfType<int>().ToList();
        var answered = rows.Select(row => TaskAnswered(row.Event)).OfType<int>().ToList();
        Assert.Equal(Enumerable.Range(1, asked.Count), asked);
        Assert.Equal(asked, answered.Order());
    }

    private static int? TaskAsked(HistoryEvent happened) => happened switch
    {
        HistoryEvent.ActivityScheduled e => e.TaskId,
        HistoryEvent.TimerCreated e => e.TaskId,
        _ => null,
    };

    private static int? TaskAnswered(HistoryEvent happened) => happened switch
    {
        HistoryEvent.ActivityCompleted e => e.TaskId,
        HistoryEvent.ActivityFailed e => e.TaskId,
        HistoryEvent.TimerFired e => e.TaskId,
        _ => null,
    };
}
