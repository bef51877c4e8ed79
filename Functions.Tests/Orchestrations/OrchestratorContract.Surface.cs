using Backend.Orchestrations;
using Backend.Orchestrations.Checks;

namespace Functions.Tests.Orchestrations;

/// <summary>Time-outs, choice of errors, bounded fan-out, sub-orchestrations, events, continue-as-new, custom status.</summary>
public abstract partial class OrchestratorContract
{
    [Fact]
    public async Task An_attempt_that_takes_longer_than_its_call_allows_fails_with_a_time_out()
    {
        var instance = await RunAsync(CheckTimeout.Definition, 40);
        Assert.Equal(OrchestrationState.Failed, instance.State);
        Assert.Equal(
            "ActivityFailedException: Activity CheckPause failed: TimeoutException: it took longer than 00:00:00.0400000",
            instance.Error);
    }

    [Fact]
    public async Task An_error_that_the_policy_does_not_name_is_not_tried_again()
    {
        var instance = await RunAsync(CheckChoosyRetries.Definition, 3);
        Assert.Equal("ActivityFailedException: Activity CheckFlaky failed: IOException: run 1 of 3", instance.Error);
    }

    [Fact]
    public async Task A_bounded_fan_out_does_every_item()
    {
        var instance = await RunAsync(CheckBoundedFanOut.Definition, 12);
        Assert.Equal("12", instance.Output);
    }

    [Fact]
    public async Task Sub_orchestrations_hand_their_results_to_their_parent()
    {
        var instance = await RunAsync(CheckCalls.Definition, 10);
        Assert.Equal("30", instance.Output);
        var child = await Orchestrator.FindAsync(Id("one-child"), Ct);
        Assert.Equal(("CheckChain", OrchestrationState.Completed, "15"), (child?.Name, child?.State, child?.Output));
    }

    [Fact]
    public async Task A_sub_orchestration_that_fails_is_run_again_under_its_id_as_its_policy_says()
    {
        var instance = await RunAsync(CheckCallRetries.Definition, 6);
        Assert.Equal("6", instance.Output);
        Assert.Equal("6", (await Orchestrator.FindAsync(Id("one-child"), Ct))?.Output);
    }

    [Fact]
    public async Task A_sub_orchestration_that_fails_in_every_attempt_fails_its_parent_with_its_error()
    {
        var instance = await RunAsync(CheckCallRetries.Definition, 100);
        Assert.Equal(
            "SubOrchestrationFailedException: Orchestration CheckRetries failed: " +
            "ActivityFailedException: Activity CheckFlaky failed: IOException: run 8 of 100",
            instance.Error);
    }

    [Fact]
    public async Task An_event_that_comes_before_it_is_waited_for_is_kept()
    {
        Assert.True(await Orchestrator.StartAsync(CheckEventQueue.Definition, Id("one"), 1500, Ct));
        foreach (var payload in new[] { "a", "b", "c" })
        {
            Assert.True(await Orchestrator.RaiseEventAsync(Id("one"), CheckEvent.Event, payload, Ct));
        }

        // The hasty one is the first to wait, and the first to be served.
        await Orchestrator.RaiseEventAsync(Id("one"), CheckEvent.Event, "d", Ct);
        Assert.Equal("\"a b c d\"", (await Orchestrator.WaitForEndAsync(Id("one"))).Output);
    }

    [Fact]
    public async Task Events_go_to_those_who_wait_in_their_order_and_not_to_those_who_gave_up()
    {
        Assert.True(await Orchestrator.StartAsync(CheckEventQueue.Definition, Id("one"), 1, Ct));
        await UntilAsync(Id("one"), instance => instance.CustomStatus is "\"waiting\"");
        foreach (var payload in new[] { "a", "b", "c" })
        {
            Assert.True(await Orchestrator.RaiseEventAsync(Id("one"), CheckEvent.Event, payload, Ct));
        }

        Assert.Equal("\"late a b c\"", (await Orchestrator.WaitForEndAsync(Id("one"))).Output);
    }

    [Fact]
    public async Task Names_of_events_are_the_same_in_capitals()
    {
        Assert.True(await Orchestrator.StartAsync(CheckEvent.Definition, Id("one"), 0, Ct));
        Assert.True(await Orchestrator.RaiseEventAsync(Id("one"), "GO", "\"x\"", Ct));
        Assert.Equal("\"x\"", (await Orchestrator.WaitForEndAsync(Id("one"))).Output);
    }

    [Fact]
    public async Task An_event_that_does_not_come_in_time_throws_what_can_be_caught()
    {
        var instance = await RunAsync(CheckEvent.Definition, 30);
        Assert.Equal("\"late\"", instance.Output);
    }

    [Fact]
    public async Task An_event_reaches_no_instance_that_is_not_there_or_has_ended()
    {
        Assert.False(await Orchestrator.RaiseEventAsync(Id("nobody"), CheckEvent.Event, "x", Ct));
        await RunAsync(CheckChain.Definition, 1);
        Assert.False(await Orchestrator.RaiseEventAsync(Id("one"), CheckEvent.Event, "x", Ct));
    }

    [Fact]
    public async Task An_instance_that_continues_as_new_starts_over_with_its_new_input()
    {
        var instance = await RunAsync(CheckCountDown.Definition, new CheckCountDown.State(20, 0));
        Assert.Equal("20", instance.Output);
        Assert.NotNull(await Orchestrator.GetHistoryAsync(Id("one"), Ct));
    }

    [Fact]
    public async Task Events_that_nobody_waited_for_go_to_the_next_run()
    {
        Assert.True(await Orchestrator.StartAsync(CheckEventRuns.Definition, Id("one"), [], Ct));
        foreach (var payload in new[] { "a", "b", "c" })
        {
            Assert.True(await Orchestrator.RaiseEventAsync(Id("one"), CheckEvent.Event, payload, Ct));
        }

        Assert.Equal("""["a","b","c"]""", (await Orchestrator.WaitForEndAsync(Id("one"))).Output);
    }

    [Fact]
    public async Task Code_that_does_something_else_in_a_replay_fails_its_instance()
    {
        var instance = await RunAsync(CheckDivergence.Definition, 1);
        Assert.Equal(OrchestrationState.Failed, instance.State);
        Assert.NotEmpty(instance.Error ?? "");
    }

    private async Task UntilAsync(string instanceId, Func<OrchestrationInstance, bool> condition)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(Ct);
        deadline.CancelAfter(TimeSpan.FromSeconds(30));
        while (await Orchestrator.FindAsync(instanceId, deadline.Token) is not { } instance || !condition(instance))
        {
            await Task.Delay(10, deadline.Token);
        }
    }
}
