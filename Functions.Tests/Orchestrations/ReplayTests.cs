using Backend.Orchestrations;
using Backend.Orchestrations.Checks;
using Local.Orchestrations;
using Microsoft.Extensions.Logging.Abstractions;
using static Local.Orchestrations.HistoryEvent;

namespace Functions.Tests.Orchestrations;

/// <summary>Replay as what it is: history in, events out.</summary>
public sealed class ReplayTests
{
    private static readonly ReplaySettings Settings = new(1024, 200, NullLoggerFactory.Instance);
    private static readonly DateTimeOffset Noon = new(2025, 1, 1, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void The_first_step_appends_its_time_the_start_and_what_the_code_asks_for()
    {
        var run = new Run((context, _) => CallAsync(context, 1));
        Assert.Equal(
            [new StepStarted(Noon), new Started("Test", "0"), new ActivityScheduled(1, "CheckAddOne", "1", 1)],
            run.Step(Noon, new Started("Test", "0")));
    }

    [Fact]
    public void An_outcome_wakes_the_code_which_then_ends()
    {
        var run = new Run((context, _) => CallAsync(context, 1));
        run.Step(Noon, new Started("Test", "0"));
        Assert.Equal(
            [new StepStarted(Noon.AddSeconds(1)), new ActivityCompleted(1, "2"), new Completed("2")],
            run.Step(Noon.AddSeconds(1), new ActivityCompleted(1, "2")));
    }

    [Fact]
    public void A_second_outcome_of_a_task_is_not_recorded()
    {
        var run = new Run(async (context, _) =>
        {
            var first = CallAsync(context, 1);
            var second = CallAsync(context, 2);
            return await first + await second;
        });
        run.Step(Noon, new Started("Test", "0"));
        var events = run.Step(
            Noon, new ActivityCompleted(1, "2"), new ActivityFailed(1, "late"), new ActivityCompleted(1, "3"));
        Assert.Equal([new StepStarted(Noon), new ActivityCompleted(1, "2")], events);
        Assert.Empty(run.Step(Noon, new ActivityCompleted(1, "4")));
        Assert.Equal(new Completed("23"), run.Step(Noon, new ActivityCompleted(2, "3"))[^1]);
    }

    [Fact]
    public void Time_and_ids_are_the_same_in_every_replay_and_differ_within_it()
    {
        var seen = new List<string>();
        var run = new Run(async (context, _) =>
        {
            seen.Add($"{context.CurrentUtcTime:O} {context.NewGuid()} {context.NewGuid()}");
            await context.CreateTimer(Noon.AddMinutes(1));
            seen.Add($"{context.CurrentUtcTime:O} {context.NewGuid()}");
            return await CallAsync(context, 1);
        });
        run.Step(Noon.AddTicks(1234), new Started("Test", "0"));
        run.Step(Noon.AddMinutes(1), new TimerFired(1));
        run.Step(Noon.AddMinutes(2), new ActivityCompleted(2, "1"));
        Assert.Equal([seen[0], seen[0], seen[2], seen[0], seen[2]], seen);
        var guids = seen.Distinct().SelectMany(line => line.Split(' ')[1..]).ToList();
        Assert.Equal(3, guids.Distinct().Count());
    }

    [Fact]
    public void Time_never_goes_back_and_no_timer_is_seen_to_fire_early()
    {
        var run = new Run(async (context, _) =>
        {
            await context.CreateTimer(Noon.AddMinutes(1).AddTicks(1));
            return $"{context.CurrentUtcTime >= Noon.AddMinutes(1).AddTicks(1)}";
        });
        run.Step(Noon, new Started("Test", "0"));
        Assert.Equal(new Completed("True"), run.Step(Noon.AddHours(-1), new TimerFired(1))[^1]);
    }

    [Fact]
    public void Retries_wait_in_timers_of_the_history_and_count_their_attempts()
    {
        var policy = new RetryPolicy(3, TimeSpan.FromMinutes(1), MaxDelay: TimeSpan.FromSeconds(90));
        var run = new Run((context, _) => CallAsync(context, 1, policy));
        run.Step(Noon, new Started("Test", "0"));
        Assert.Equal(new TimerCreated(2, Noon.AddSeconds(60)), run.Step(Noon, new ActivityFailed(1, "E: one"))[^1]);
        Assert.Equal(new ActivityScheduled(3, "CheckAddOne", "1", 2), run.Step(Noon.AddSeconds(60), new TimerFired(2))[^1]);
        Assert.Equal(
            new TimerCreated(4, Noon.AddSeconds(150)),
            run.Step(Noon.AddSeconds(60), new ActivityFailed(3, "E: two"))[^1]);
        run.Step(Noon.AddSeconds(150), new TimerFired(4));
        Assert.Equal(
            new Failed("ActivityFailedException: Activity CheckAddOne failed: E: three"),
            run.Step(Noon.AddSeconds(151), new ActivityFailed(5, "E: three"))[^1]);
    }

    public static TheoryData<string, string> Divergences => new()
    {
        { "other activity", "at event 3 history has activity CheckAddOne as task 1, the code now asks for activity CheckRepeat as task 1" },
        { "timer", "at event 3 history has activity CheckAddOne as task 1, the code now asks for a timer as task 1" },
        { "nothing", "at event 3 history has activity CheckAddOne as task 1, the code now asks for nothing" },
        { "more", "at event 4 the code now asks for activity CheckAddOne as task 2, history does not have it there" },
    };

    [Theory]
    [MemberData(nameof(Divergences))]
    public void Code_that_does_something_else_than_its_history_fails_the_instance(string change, string difference)
    {
        var changed = false;
        var run = new Run((context, _) => (changed ? change : "") switch
        {
            "other activity" => context.CallActivityAsync(CheckRepeat.Definition, 1),
            "timer" => TimerAsync(context),
            "nothing" => Task.FromResult("done"),
            "more" => CallTwiceAsync(context),
            _ => CallAsync(context, 1),
        });
        run.Step(Noon, new Started("Test", "0"));
        changed = true;
        var diverged = Assert.Throws<ReplayDivergedException>(() => run.Step(Noon, new ActivityCompleted(1, "2")));
        Assert.StartsWith(difference, diverged.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Code_that_ends_where_its_history_goes_on_fails_the_instance()
    {
        var changed = false;
        var run = new Run(async (context, _) =>
        {
            var first = CallAsync(context, 1);
            var second = CallAsync(context, 2);
            return changed ? await first : await first + await second;
        });
        run.Step(Noon, new Started("Test", "0"));
        run.Step(Noon, new ActivityCompleted(1, "2"));
        changed = true;
        var diverged = Assert.Throws<ReplayDivergedException>(() => run.Step(Noon, new ActivityCompleted(2, "3")));
        Assert.Contains("the code now ends where history goes on", diverged.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Code_that_awaits_a_task_of_its_own_fails_instead_of_waiting_for_ever()
    {
        var run = new Run(async (_, _) =>
        {
            await new TaskCompletionSource().Task;
            return "never";
        });
        var failed = Assert.IsType<Failed>(run.Step(Noon, new Started("Test", "0"))[^1]);
        Assert.Contains("may await only tasks of its context", failed.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Code_that_leaves_the_context_fails_instead_of_running_on_beside_its_history()
    {
        var run = new Run(async (context, _) =>
        {
            await CallAsync(context, 1).ConfigureAwait(false);
            return await CallAsync(context, 2);
        });
        run.Step(Noon, new Started("Test", "0"));
        var failed = Assert.IsType<Failed>(run.Step(Noon, new ActivityCompleted(1, "2"))[^1]);
        Assert.Contains("may await only tasks of its context", failed.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void The_context_is_of_no_use_to_other_threads()
    {
        var run = new Run(async (context, _) =>
        {
            var timer = context.CreateTimer(Noon);
            await Task.WhenAny(timer, Task.Run(() => CallAsync(context, 1)));
            return "never";
        });
        var happened = run.Step(Noon, new Started("Test", "0"));
        if (happened[^1] is not Failed) // it has, where the other thread was quick: nothing comes after the end
        {
            happened.AddRange(run.Step(Noon, new TimerFired(1)));
        }

        Assert.DoesNotContain(happened, one => one is ActivityScheduled);
    }

    [Fact]
    public void What_the_code_throws_fails_the_instance_with_type_and_message()
    {
        var run = new Run((_, input) => throw new FormatException($"no number: {input}"));
        Assert.Equal(
            new Failed("FormatException: no number: 0"), run.Step(Noon, new Started("Test", "0"))[^1]);
    }

    [Fact]
    public void Continuations_run_in_the_order_of_the_recorded_outcomes()
    {
        var run = new Run(async (context, _) =>
        {
            var order = "";
            await Task.WhenAll(Enumerable.Range(1, 4).Select(async i =>
            {
                await CallAsync(context, i);
                await Task.Yield();
                order += i;
            }));
            return order;
        });
        run.Step(Noon, new Started("Test", "0"));
        run.Step(Noon, new ActivityCompleted(3, "0"), new ActivityCompleted(1, "0"));
        Assert.Equal(
            new Completed("3142"),
            run.Step(Noon, new ActivityCompleted(4, "0"), new ActivityCompleted(2, "0"))[^1]);
    }

    private static async Task<string> CallAsync(OrchestrationContext context, int input, RetryPolicy? retry = null) =>
        $"{await context.CallActivityAsync(CheckAddOne.Definition, input, retry)}";

    private static async Task<string> CallTwiceAsync(OrchestrationContext context)
    {
        var results = await Task.WhenAll(CallAsync(context, 1), CallAsync(context, 2));
        return results[0];
    }

    private static async Task<string> TimerAsync(OrchestrationContext context)
    {
        await context.CreateTimer(Noon);
        return "fired";
    }

    /// <summary>An instance whose history grows by every step, as the engine's would.</summary>
    private sealed class Run(Func<OrchestrationContext, string, Task<string>> code)
    {
        private readonly List<HistoryEvent> _history = [];

        public List<HistoryEvent> Step(DateTimeOffset now, params HistoryEvent[] messages)
        {
            var step = new PendingStep("instance", 1, "Test", _history, messages, messages.Length);
            var events = Replay.Step(code, step, now, Settings).Events;
            _history.AddRange(events);
            return events;
        }
    }
}
