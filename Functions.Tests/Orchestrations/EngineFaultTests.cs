using Backend.Orchestrations;
using Backend.Orchestrations.Checks;
using Functions.Tests.Fixtures;
using Local.Orchestrations;
using Local.Sqlite;

namespace Functions.Tests.Orchestrations;

/// <summary>What the engine does when its surroundings fail: another engine, damage, a full disk, clocks, stuck code.</summary>
public sealed class EngineFaultTests : IDisposable
{
    private static readonly DateTimeOffset Noon = new(2025, 1, 1, 12, 0, 0, TimeSpan.Zero);

    private readonly TempFolder _folder = new();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task An_engine_that_was_passed_over_writes_nothing_any_more()
    {
        await using var database = new SqliteDatabase(_folder.File("backend.db"));
        var (old, young) = (new EngineFence(database), new EngineFence(database));
        await old.TakeOverAsync(Ct);
        var start = new HistoryEvent.Started("CheckChain", "1");
        await new OrchestrationStore(database).StartAsync("one", start, StartPolicy.Accept, Noon, Ct);
        var steps = new StepStore(database, old);
        var step = steps.Load("one");
        Assert.NotNull(step);
        await young.TakeOverAsync(Ct);

        var result = new StepResult([new HistoryEvent.StepStarted(Noon), start], null);
        await Assert.ThrowsAsync<EngineFencedException>(() => steps.CommitAsync(step, result));
        await Assert.ThrowsAsync<EngineFencedException>(() => steps.FailAsync("one", "X: y", Noon));
        await Assert.ThrowsAsync<EngineFencedException>(() => old.AnswerAsync(Ct));
        Assert.True(old.IsOver);
        Assert.NotNull(await new StepStore(database, young).CommitAsync(step, result));
    }

    [Fact]
    public async Task Only_a_question_that_stays_without_an_answer_lets_another_engine_take_over()
    {
        await using var database = new SqliteDatabase(_folder.File("backend.db"));
        var (first, second) = (new EngineFence(database), new EngineFence(database));
        await first.TakeOverAsync(Ct);
        await second.ChallengeAsync("are you there?", Ct);
        await first.AnswerAsync(Ct);
        Assert.False(await second.TakeOverAsync("are you there?", Ct));
        await second.ChallengeAsync("are you there?", Ct);
        Assert.True(await second.TakeOverAsync("are you there?", Ct));
        await Assert.ThrowsAsync<EngineFencedException>(() => first.AnswerAsync(Ct));
    }

    [Theory]
    [InlineData("UPDATE orchestration_history SET kind = 99", "the history has an event of kind 99")]
    [InlineData("UPDATE orchestration_history SET payload = NULL", "Column 4 is NULL")]
    [InlineData("DELETE FROM orchestration_history", "the history has 2 events, and number 3 among them")]
    public async Task An_instance_whose_history_cannot_be_read_fails_with_the_error_and_the_others_run(string damage, string error)
    {
        await using var host = await EngineHost.StartAsync(_folder.Path);
        await StartAndWaitForEventAsync(host, "one");
        await host.Database.WriteAsync(
            session => session.Execute($"{damage} WHERE instance = 'one' AND sequence = 2"), Ct);
        await host.Orchestrator.RaiseEventAsync("one", CheckEvent.Event, "x", Ct);
        var instance = await host.Orchestrator.WaitForEndAsync("one");
        Assert.Equal(OrchestrationState.Failed, instance.State);
        Assert.StartsWith($"InvalidDataException: {error}", instance.Error, StringComparison.Ordinal);
        await host.Orchestrator.StartAsync(CheckChain.Definition, "two", 1, Ct);
        Assert.Equal("6", (await host.Orchestrator.WaitForEndAsync("two")).Output);
    }

    [Fact]
    public async Task A_replay_that_diverges_fails_the_instance_and_leaves_its_history_alone()
    {
        await using var host = await EngineHost.StartAsync(_folder.Path);
        await StartAndWaitForEventAsync(host, "one");
        await host.Database.WriteAsync(
            session => session.Execute(
                "UPDATE orchestration_history SET name = 'Other' WHERE instance = 'one' AND kind = 13"),
            Ct);
        var before = await host.Orchestrator.GetHistoryAsync("one", Ct);
        await host.Orchestrator.RaiseEventAsync("one", CheckEvent.Event, "x", Ct);
        var instance = await host.Orchestrator.WaitForEndAsync("one");
        Assert.Equal(OrchestrationState.Failed, instance.State);
        Assert.StartsWith(
            "ReplayDivergedException: at event 3 history has a wait for event Other as task 1, " +
            "the code now asks for a wait for event Go as task 1",
            instance.Error,
            StringComparison.Ordinal);
        Assert.Equal(before, await host.Orchestrator.GetHistoryAsync("one", Ct));
    }

    [Fact]
    public async Task An_instance_whose_history_grows_too_long_fails()
    {
        await using var host = await EngineHost.StartAsync(_folder.Path, options => options.MaxHistoryEvents = 100);
        await host.Orchestrator.StartAsync(CheckFanOut.Definition, "wide", 200, Ct);
        await host.Orchestrator.StartAsync(CheckEvent.Definition, "flooded", 0, Ct);
        for (var i = 0; i < 120; i++)
        {
            await host.Orchestrator.RaiseEventAsync("flooded", "Other", "1", Ct);
        }

        foreach (var id in new[] { "wide", "flooded" })
        {
            var instance = await host.Orchestrator.WaitForEndAsync(id);
            Assert.Equal(
                "HistoryTooLongException: the history would have more than 100 events: " +
                "use ContinueAsNew, or several instances",
                instance.Error);
        }
    }

    [Fact]
    public async Task A_kind_of_activity_with_a_limit_of_its_own_keeps_no_other_waiting()
    {
        await using var host = await EngineHost.StartAsync(_folder.Path, options =>
        {
            options.MaxConcurrentActivities = 1;
            options.MaxConcurrentByActivity["Work"] = 2;
        });
        await host.Orchestrator.StartAsync(ParallelWork.Definition, "slow", 200, Ct);
        await host.Orchestrator.StartAsync(CheckChain.Definition, "quick", 1, Ct);
        await host.Orchestrator.WaitForEndAsync("quick");
        Assert.Equal(OrchestrationState.Running, (await host.Orchestrator.FindAsync("slow", Ct))?.State);
        await host.Orchestrator.TerminateAsync("slow", "seen enough", Ct);
        Assert.Equal(2, host.Log.MostRunning);
    }

    [Fact]
    public async Task A_full_disk_stops_nothing_for_good()
    {
        var time = new ManualTime(Noon);
        using var log = new ErrorLog();
        await using var host = await EngineHost.StartAsync(_folder.Path, time: time, log: log);
        await host.Orchestrator.StartAsync(CheckChain.Definition, "one", 1, Ct);
        await host.Orchestrator.WaitForEndAsync("one");
        await LimitPagesAsync(host, "(SELECT page_count FROM pragma_page_count)");
        // Each of the results needs some pages, which are not to be had.
        await host.Orchestrator.StartAsync(CheckOutput.Definition, "two", 60_000, Ct);
        await Eventually.TrueAsync(() => Task.FromResult(time.IsWaitedForUntil(Noon.AddSeconds(5))));
        await Assert.ThrowsAsync<Microsoft.Data.Sqlite.SqliteException>(
            () => host.Orchestrator.StartAsync(CheckInput.Definition, "three", new string('x', 60_000), Ct));
        for (var tries = 1; tries < 4; tries++)
        {
            time.Advance(TimeSpan.FromSeconds(5));
            var next = Noon.AddSeconds(5 * (tries + 1));
            await Eventually.TrueAsync(() => Task.FromResult(time.IsWaitedForUntil(next)));
        }

        Assert.Single(log.Lines, line => line.Contains("The engine failed", StringComparison.Ordinal));
        await LimitPagesAsync(host, "1000000");
        time.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal(60_002, (await host.Orchestrator.WaitForEndAsync("two")).Output?.Length);
        Assert.Null(await host.Orchestrator.FindAsync("three", Ct));
    }

    [Fact]
    public async Task A_clock_that_jumps_delays_timers_and_never_fires_one_early_nor_loses_it()
    {
        var time = new ManualTime(Noon);
        await using var host = await EngineHost.StartAsync(_folder.Path, time: time);
        await host.Orchestrator.StartAsync(CheckTimer.Definition, "one", 600_000, Ct);
        await Eventually.TrueAsync(async () => (await host.Orchestrator.GetHistoryAsync("one", Ct))?.Count == 2);
        time.Advance(TimeSpan.FromHours(-2));
        time.Advance(TimeSpan.FromMinutes(129)); // a minute before it is due by this clock
        await host.Orchestrator.StartAsync(CheckChain.Definition, "two", 1, Ct);
        Assert.Equal("6", (await host.Orchestrator.WaitForEndAsync("two")).Output);
        Assert.Equal(OrchestrationState.Running, (await host.Orchestrator.FindAsync("one", Ct))?.State);
        time.Advance(TimeSpan.FromDays(400));
        Assert.Equal(OrchestrationState.Completed, (await host.Orchestrator.WaitForEndAsync("one")).State);
    }

    [Fact]
    public async Task An_activity_that_hears_no_cancellation_fails_and_gives_its_place_to_others()
    {
        var time = new ManualTime(Noon);
        await using var host = await EngineHost.StartAsync(
            _folder.Path, options => options.MaxConcurrentActivities = 1, time);
        await host.Orchestrator.StartAsync(Stuck.Definition, "one", 1, Ct);
        await Eventually.TrueAsync(() => Task.FromResult(!host.Log.Runs.IsEmpty));
        time.Advance(TimeSpan.FromMinutes(31));
        Assert.Equal(
            "ActivityFailedException: Activity Deaf failed: TimeoutException: it took longer than 00:30:00",
            (await host.Orchestrator.WaitForEndAsync("one")).Error);
        await host.Orchestrator.StartAsync(CheckChain.Definition, "two", 1, Ct);
        Assert.Equal("6", (await host.Orchestrator.WaitForEndAsync("two")).Output);
    }

    private static async Task StartAndWaitForEventAsync(EngineHost host, string instanceId)
    {
        await host.Orchestrator.StartAsync(CheckEvent.Definition, instanceId, 0, Ct);
        await Eventually.TrueAsync(async () => (await host.Orchestrator.GetHistoryAsync(instanceId, Ct))?.Count == 2);
    }

    private static async Task LimitPagesAsync(EngineHost host, string pages)
    {
        var limit = host.Database.Read(session => session.Scalar($"SELECT {pages}"));
        await host.Database.WriteAsync(session => session.Scalar($"PRAGMA max_page_count = {limit}"), Ct);
    }
}
