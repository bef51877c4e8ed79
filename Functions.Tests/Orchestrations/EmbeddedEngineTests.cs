using Backend.Orchestrations;
using Backend.Orchestrations.Checks;
using Functions.Tests.Fixtures;
using Local.Orchestrations;
using Local.Sqlite;
using Microsoft.Extensions.Options;

namespace Functions.Tests.Orchestrations;

/// <summary>What the engine promises beyond the contract: restarts, time, limits, one engine a folder.</summary>
public sealed class EmbeddedEngineTests : IDisposable
{
    private static readonly DateTimeOffset Noon = new(2025, 1, 1, 12, 0, 0, TimeSpan.Zero);

    private readonly TempFolder _folder = new();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task An_activity_interrupted_by_a_stop_is_not_failed_and_runs_again_at_the_next_start()
    {
        const int Minute = 60_000;
        await using (var first = await EngineHost.StartAsync(_folder.Path))
        {
            await first.Orchestrator.StartAsync(Working.Definition, "one", Minute, Ct);
            await UntilAsync(() => !first.Log.Runs.IsEmpty);
        }

        // The second host's work is cut short by its time-out: what matters is that it was run again at all.
        await using var second = await EngineHost.StartAsync(
            _folder.Path, options => options.ActivityTimeout = TimeSpan.FromMilliseconds(50));
        var instance = await second.Orchestrator.WaitForEndAsync("one");
        Assert.Equal(1, second.Log.Runs[$"Work {Minute}"]);
        Assert.Equal(
            "ActivityFailedException: Activity Work failed: TimeoutException: it took longer than 00:00:00.0500000",
            instance.Error);
        Assert.Single(History(second, "one"), happened => happened is HistoryEvent.ActivityScheduled);
        Assert.Single(History(second, "one"), happened => happened is HistoryEvent.ActivityFailed);
    }

    [Fact]
    public async Task Retries_survive_restarts_and_wait_as_long_as_their_policy_says()
    {
        var time = new ManualTime(Noon);
        await using (var first = await EngineHost.StartAsync(_folder.Path, time: time))
        {
            await first.Orchestrator.StartAsync(PatientlyRetrying.Definition, "one", 2, Ct);
            await UntilAsync(() => History(first, "one").Exists(happened => happened is HistoryEvent.TimerCreated));
        }

        await using var second = await EngineHost.StartAsync(_folder.Path, time: time);
        second.Log.CountRun("Flaky 2"); // the run of the first host
        time.Advance(TimeSpan.FromMinutes(59));
        await UntilAsync(async () =>
        {
            time.Advance(TimeSpan.FromSeconds(1));
            return (await second.Orchestrator.FindAsync("one", Ct))?.State is OrchestrationState.Completed;
        });
        var timer = History(second, "one").OfType<HistoryEvent.TimerCreated>().Single();
        Assert.Equal(Noon.AddHours(1), timer.FireAt);
        var steps = History(second, "one").OfType<HistoryEvent.StepStarted>().Select(step => step.At).ToList();
        Assert.True(steps[^1] >= Noon.AddHours(1));
    }

    [Fact]
    public async Task No_more_activities_run_at_a_time_than_allowed()
    {
        await using var host = await EngineHost.StartAsync(
            _folder.Path, options => options.MaxConcurrentActivities = 3);
        await host.Orchestrator.StartAsync(ParallelWork.Definition, "one", 20, Ct);
        var instance = await host.Orchestrator.WaitForEndAsync("one");
        Assert.Equal("20", instance.Output);
        Assert.InRange(host.Log.MostRunning, 2, 3);
    }

    [Fact]
    public async Task Of_two_engines_on_one_folder_the_second_waits_and_takes_over()
    {
        var first = await EngineHost.StartAsync(_folder.Path);
        await first.Orchestrator.StartAsync(CheckChain.Definition, "before", 1, Ct);
        await first.Orchestrator.WaitForEndAsync("before");
        await using var second = await EngineHost.StartAsync(_folder.Path);
        await second.Orchestrator.StartAsync(Working.Definition, "during", 1, Ct);
        Assert.Empty(second.Log.Runs);
        await first.DisposeAsync();
        await second.Orchestrator.WaitForEndAsync("during");
        Assert.Equal(1, second.Log.Runs.Values.Sum() + first.Log.Runs.Values.Sum());
    }

    [Fact]
    public async Task Instances_that_ended_long_ago_are_purged_and_may_start_again()
    {
        var time = new ManualTime(Noon);
        await using (var first = await EngineHost.StartAsync(_folder.Path, time: time))
        {
            await first.Orchestrator.StartAsync(CheckChain.Definition, "old", 1, Ct);
            await first.Orchestrator.WaitForEndAsync("old");
            time.Advance(TimeSpan.FromDays(1));
            await first.Orchestrator.StartAsync(CheckChain.Definition, "young", 1, Ct);
            await first.Orchestrator.WaitForEndAsync("young");
        }

        time.Advance(TimeSpan.FromDays(29.5));
        await using var second = await EngineHost.StartAsync(_folder.Path, time: time);
        await UntilAsync(async () => await second.Orchestrator.FindAsync("old", Ct) is null);
        Assert.NotNull(await second.Orchestrator.FindAsync("young", Ct));
        Assert.Empty(History(second, "old"));
        Assert.True(await second.Orchestrator.StartAsync(CheckChain.Definition, "old", 1, Ct));
    }

    [Fact]
    public async Task Purging_goes_on_while_the_engine_runs()
    {
        var time = new ManualTime(Noon);
        await using var host = await EngineHost.StartAsync(
            _folder.Path, options => options.KeepEnded = TimeSpan.FromMinutes(10), time);
        await host.Orchestrator.StartAsync(CheckChain.Definition, "one", 1, Ct);
        await host.Orchestrator.WaitForEndAsync("one");
        await UntilAsync(async () =>
        {
            time.Advance(TimeSpan.FromMinutes(5));
            return await host.Orchestrator.FindAsync("one", Ct) is null;
        });
        Assert.True(time.GetUtcNow() >= Noon.AddMinutes(59));
    }

    [Fact]
    public async Task After_an_error_of_the_database_the_engine_goes_on_from_what_is_stored()
    {
        var time = new ManualTime(Noon);
        await using var host = await EngineHost.StartAsync(_folder.Path, time: time);
        await host.Database.WriteAsync(
            session => session.Execute("ALTER TABLE orchestration_activities RENAME TO lost"), Ct);
        await host.Orchestrator.StartAsync(CheckChain.Definition, "one", 1, Ct);
        await UntilAsync(() => time.IsWaitedForUntil(Noon.AddSeconds(5)));
        await host.Database.WriteAsync(
            session => session.Execute("ALTER TABLE lost RENAME TO orchestration_activities"), Ct);
        time.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal("6", (await host.Orchestrator.WaitForEndAsync("one")).Output);
    }

    [Fact]
    public async Task An_instance_of_an_orchestration_that_this_program_lacks_waits_for_one_that_has_it()
    {
        await using (var database = new SqliteDatabase(Path.Combine(_folder.Path, "backend.db")))
        {
            var store = new OrchestrationStore(database);
            await store.StartAsync("future", new HistoryEvent.Started("Unheard", "1"), StartPolicy.Accept, Noon, Ct);
        }

        await using var host = await EngineHost.StartAsync(_folder.Path);
        await host.Orchestrator.StartAsync(CheckChain.Definition, "one", 1, Ct);
        await host.Orchestrator.WaitForEndAsync("one");
        var waiting = await host.Orchestrator.FindAsync("future", Ct);
        Assert.Equal(OrchestrationState.Pending, waiting?.State);
    }

    [Fact]
    public async Task A_step_that_another_process_has_written_meanwhile_is_refused_whole()
    {
        await using var database = new SqliteDatabase(Path.Combine(_folder.Path, "backend.db"));
        await new OrchestrationStore(database).StartAsync("one", new HistoryEvent.Started("CheckChain", "1"), StartPolicy.Accept, Noon, Ct);
        var steps = new StepStore(database, new EngineFence(database));
        var step = steps.Load("one");
        Assert.NotNull(step);
        var result = FirstStepOf(step);
        Assert.NotNull(await steps.CommitAsync(step, result));
        Assert.Null(await steps.CommitAsync(step, result));
        Assert.Single(new TaskStore(database, new EngineFence(database)).ReadActivities(0, 10, 10));
    }

    [Fact]
    public async Task A_second_outcome_of_an_activity_finds_it_gone()
    {
        await using var database = new SqliteDatabase(Path.Combine(_folder.Path, "backend.db"));
        await new OrchestrationStore(database).StartAsync("one", new HistoryEvent.Started("CheckChain", "1"), StartPolicy.Accept, Noon, Ct);
        var steps = new StepStore(database, new EngineFence(database));
        var step = steps.Load("one");
        Assert.NotNull(step);
        await steps.CommitAsync(step, FirstStepOf(step));
        var tasks = new TaskStore(database, new EngineFence(database));
        var activity = Assert.Single(tasks.ReadActivities(0, 10, 10));
        Assert.True(await tasks.RecordAsync(activity, new HistoryEvent.ActivityCompleted(1, "2")));
        Assert.False(await tasks.RecordAsync(activity, new HistoryEvent.ActivityFailed(1, "late")));
        Assert.Equal([new HistoryEvent.ActivityCompleted(1, "2")], steps.Load("one")?.Messages);
    }

    [Fact]
    public async Task Options_out_of_range_stop_the_start_with_every_error()
    {
        var exception = await Assert.ThrowsAsync<OptionsValidationException>(() => EngineHost.StartAsync(
            _folder.Path,
            options =>
            {
                options.MaxConcurrentActivities = 0;
                options.ActivityTimeout = TimeSpan.Zero;
            }));
        Assert.Equal(2, exception.Failures.Count());
    }

    private static StepResult FirstStepOf(PendingStep step) => new(
        [
            new HistoryEvent.StepStarted(Noon), step.Messages[0], new HistoryEvent.ActivityScheduled(1, "CheckAddOne", "1", 1),
        ],
        CustomStatus: null);

    private static List<HistoryEvent> History(EngineHost host, string instanceId) =>
        host.Database.Read(session => session.Query(
            $"SELECT {HistoryRow.Columns} FROM orchestration_history WHERE instance = @id ORDER BY sequence",
            row => HistoryRow.Read(row, 0),
            ("@id", instanceId)));

    private static Task UntilAsync(Func<bool> condition) => UntilAsync(() => Task.FromResult(condition()));

    private static async Task UntilAsync(Func<Task<bool>> condition)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(Ct);
        deadline.CancelAfter(TimeSpan.FromSeconds(30));
        while (!await condition())
        {
            await Task.Delay(5, deadline.Token);
        }
    }
}
