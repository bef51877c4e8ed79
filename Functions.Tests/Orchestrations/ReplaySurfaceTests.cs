using Backend.Orchestrations;
using Backend.Orchestrations.Checks;
using Local.Orchestrations;
using Microsoft.Extensions.Logging;
using static Local.Orchestrations.HistoryEvent;

namespace Functions.Tests.Orchestrations;

/// <summary>Replay of events, sub-orchestrations, continue-as-new, status and logs: history in, events out.</summary>
public sealed class ReplaySurfaceTests
{
    private static readonly DateTimeOffset Noon = new(2025, 1, 1, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void A_wait_is_recorded_with_its_end_and_the_event_with_who_took_it()
    {
        var run = new Run((context, _) => WaitAsync(context, TimeSpan.FromMinutes(1)));
        Assert.Equal(new EventAwaited(1, "Go", Noon.AddMinutes(1)), run.Step(Noon, new Started("Test", "0"))[^1]);
        var events = run.Step(Noon.AddSeconds(1), new EventRaised(null, "go", "\"x\""));
        Assert.Equal([new StepStarted(Noon.AddSeconds(1)), new EventRaised(1, "go", "\"x\""), new Completed("x")], events);
    }

    [Fact]
    public void An_event_that_came_early_is_recorded_for_nobody_and_taken_at_once_later()
    {
        var run = new Run(async (context, _) =>
        {
            await context.CallActivityAsync(CheckAddOne.Definition, 1);
            return await WaitAsync(context, TimeSpan.FromMinutes(1)) + await WaitAsync(context, null);
        });
        run.Step(Noon, new Started("Test", "0"));
        Assert.Equal(new EventRaised(null, "Go", "\"x\""), run.Step(Noon, new EventRaised(null, "Go", "\"x\""))[^1]);
        Assert.Equal(
            [
                new StepStarted(Noon), new ActivityCompleted(1, "2"), new EventAwaited(2, "Go", null),
                new EventAwaited(3, "Go", null),
            ],
            run.Step(Noon, new ActivityCompleted(1, "2")));
        Assert.Equal(new Completed("xy"), run.Step(Noon, new EventRaised(null, "Go", "\"y\""))[^1]);
    }

    [Fact]
    public void An_event_after_the_time_is_up_is_kept_for_the_next_who_waits()
    {
        var run = new Run(async (context, _) =>
        {
            var first = await TryWaitAsync(context, TimeSpan.FromSeconds(1));
            await context.CreateTimer(context.CurrentUtcTime.AddSeconds(1));
            return first + await TryWaitAsync(context, TimeSpan.FromSeconds(1));
        });
        run.Step(Noon, new Started("Test", "0"));
        run.Step(Noon.AddSeconds(1), new TimerFired(1), new EventRaised(null, "Go", "\"x\""));
        Assert.Equal(new Completed("latex"), run.Step(Noon.AddSeconds(2), new TimerFired(2))[^1]);
    }

    [Fact]
    public void A_wait_that_ends_early_is_never_seen_to_end_before_its_time()
    {
        var run = new Run(async (context, _) =>
        {
            await TryWaitAsync(context, TimeSpan.FromMinutes(1));
            return $"{context.CurrentUtcTime:O}";
        });
        run.Step(Noon, new Started("Test", "0"));
        // The clock was set back after the timer had fired.
        Assert.Equal(new Completed($"{Noon.AddMinutes(1):O}"), run.Step(Noon.AddHours(-1), new TimerFired(1))[^1]);
    }

    [Fact]
    public void A_sub_orchestration_gets_an_id_that_no_other_call_has()
    {
        var run = new Run(async (context, _) =>
        {
            var one = context.CallSubOrchestrationAsync(CheckChain.Definition, 1);
            var two = context.CallSubOrchestrationAsync(CheckChain.Definition, 2, "mine");
            return $"{await one + await two}";
        });
        Assert.Equal(
            [
                new SubOrchestrationCreated(1, "CheckChain", "1", "instance:1.1"),
                new SubOrchestrationCreated(2, "CheckChain", "2", "mine"),
            ],
            run.Step(Noon, new Started("Test", "0"))[2..]);
        run.Step(Noon, new SubOrchestrationCompleted(2, "20"));
        Assert.Equal(new Completed("30"), run.Step(Noon, new SubOrchestrationCompleted(1, "10"))[^1]);
    }

    [Fact]
    public void The_next_run_gets_the_events_that_are_left_and_those_that_came_after_the_end()
    {
        var run = new Run(async (context, _) =>
        {
            await WaitAsync(context, null);
            context.ContinueAsNew(7, SamplesJsonContext.Default.Int32);
            return "dropped";
        });
        run.Step(Noon, new Started("Test", "0"), new EventRaised(null, "Other", "1"));
        var next = Assert.IsType<ContinuedAsNew>(
            run.Step(Noon, new EventRaised(null, "Go", "\"x\""), new EventRaised(null, "Go", "\"late\""))[^1]);
        Assert.Equal("7", next.Input);
        Assert.Equal([new EventRaised(null, "Other", "1"), new EventRaised(null, "Go", "\"late\"")], next.Events);
    }

    [Fact]
    public void Events_that_are_not_preserved_are_dropped_but_for_those_that_nobody_had_a_chance_to_take()
    {
        var run = new Run(async (context, _) =>
        {
            await WaitAsync(context, null);
            context.ContinueAsNew(7, SamplesJsonContext.Default.Int32, preserveUnprocessedEvents: false);
            return "dropped";
        });
        run.Step(Noon, new Started("Test", "0"), new EventRaised(null, "Other", "1"));
        var next = Assert.IsType<ContinuedAsNew>(
            run.Step(Noon, new EventRaised(null, "Go", "\"x\""), new EventRaised(null, "Go", "\"late\""))[^1]);
        Assert.Equal([new EventRaised(null, "Go", "\"late\"")], next.Events);
    }

    [Fact]
    public void What_is_logged_and_whether_it_is_a_replay_shows_once()
    {
        var log = new ListLogger();
        var replaying = new List<bool>();
        var run = new Run(
            async (context, _) =>
            {
                var logger = context.CreateReplaySafeLogger("Test");
                replaying.Add(context.IsReplaying);
                logger.Log(LogLevel.Information, default, "first", null, static (text, _) => text);
                await context.CallActivityAsync(CheckAddOne.Definition, 1);
                replaying.Add(context.IsReplaying);
                logger.Log(LogLevel.Information, default, "second", null, static (text, _) => text);
                context.SetCustomStatus("half", SamplesJsonContext.Default.String);
                await context.CallActivityAsync(CheckAddOne.Definition, 2);
                return "done";
            },
            log);
        run.Step(Noon, new Started("Test", "0"));
        Assert.Null(run.CustomStatus);
        run.Step(Noon, new ActivityCompleted(1, "2"));
        Assert.Equal("\"half\"", run.CustomStatus);
        run.Step(Noon, new ActivityCompleted(2, "3"));
        Assert.Equal(["first", "second"], log.Lines);
        Assert.Equal([false, true, false, true, true], replaying);
    }

    [Fact]
    public void Code_in_a_loop_without_an_end_is_stopped()
    {
        var run = new Run(async (context, _) =>
        {
            var calls = new List<Task>();
            while (true)
            {
                calls.Add(context.CreateTimer(Noon));
                if (calls.Count > 1_000_000)
                {
                    await Task.WhenAll(calls);
                }
            }
        });
        var failed = Assert.IsType<Failed>(run.Step(Noon, new Started("Test", "0"))[^1]);
        Assert.StartsWith("HistoryTooLongException: the history would have more than 200 events", failed.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_bounded_fan_out_begins_no_more_items_after_a_failure_and_waits_for_those_under_way()
    {
        var run = new Run(async (context, _) =>
        {
            await context.ForEachAsync([1, 2, 3, 4], 2, item => context.CallActivityAsync(CheckAddOne.Definition, item));
            return "done";
        });
        Assert.Equal(2, run.Step(Noon, new Started("Test", "0")).OfType<ActivityScheduled>().Count());
        Assert.Equal(2, run.Step(Noon, new ActivityFailed(1, "E: one")).Count); // time and message, no more
        Assert.Equal(
            new Failed("ActivityFailedException: Activity CheckAddOne failed: E: one"),
            run.Step(Noon, new ActivityCompleted(2, "3"))[^1]);
    }

    private static Task<string> WaitAsync(OrchestrationContext context, TimeSpan? timeout) =>
        context.WaitForEventAsync(CheckEvent.Event, timeout);

    private static async Task<string> TryWaitAsync(OrchestrationContext context, TimeSpan timeout)
    {
        try
        {
            return await context.WaitForEventAsync(CheckEvent.Event, timeout);
        }
        catch (EventTimeoutException)
        {
            return "late";
        }
    }

    /// <summary>An instance whose history grows by every step, as the engine's would.</summary>
    private sealed class Run(Func<OrchestrationContext, string, Task<string>> code, ListLogger? log = null)
    {
        private readonly List<HistoryEvent> _history = [];

        public string? CustomStatus { get; private set; }

        public List<HistoryEvent> Step(DateTimeOffset now, params HistoryEvent[] messages)
        {
            using var loggers = LoggerFactory.Create(builder => builder.AddProvider(log ?? new ListLogger()));
            var step = new PendingStep("instance", 1, "Test", _history, messages, messages.Length);
            var result = Replay.Step(code, step, now, new ReplaySettings(1024, 200, loggers));
            _history.AddRange(result.Events);
            CustomStatus = result.CustomStatus;
            return result.Events;
        }
    }

    private sealed class ListLogger : ILoggerProvider, ILogger
    {
        public List<string> Lines { get; } = [];

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Lines.Add(formatter(state, exception));

        public void Dispose()
        {
        }
    }
}
