using Backend.Orchestrations;
using Backend.Orchestrations.Checks;

namespace Functions.Tests.Orchestrations;

/// <summary>Start policies, termination, rerun, list, history.</summary>
public abstract partial class OrchestratorContract
{
    [Fact]
    public async Task A_start_under_a_taken_id_is_accepted_refused_or_replaces_as_its_policy_says()
    {
        Assert.Equal(StartOutcome.Started, await StartWaitingAsync(StartPolicy.Reject));
        Assert.Equal(StartOutcome.Accepted, await StartWaitingAsync(StartPolicy.Accept));
        Assert.Equal(StartOutcome.Rejected, await StartWaitingAsync(StartPolicy.Reject));
        var outcome = await Orchestrator.StartAsync(CheckChain.Definition, Id("one"), 1, StartPolicy.Replace, Ct);
        Assert.Equal(StartOutcome.Replaced, outcome);
        var instance = await Orchestrator.WaitForEndAsync(Id("one"));
        Assert.Equal(("CheckChain", "6"), (instance.Name, instance.Output));

        Assert.Equal(StartOutcome.Accepted, await StartWaitingAsync(StartPolicy.Accept));
        Assert.Equal(StartOutcome.Rejected, await StartWaitingAsync(StartPolicy.Reject));
        outcome = await Orchestrator.StartAsync(CheckChain.Definition, Id("one"), 2, StartPolicy.Replace, Ct);
        Assert.Equal(StartOutcome.Replaced, outcome);
        Assert.Equal("7", (await Orchestrator.WaitForEndAsync(Id("one"))).Output);

        Task<StartOutcome> StartWaitingAsync(StartPolicy policy) =>
            Orchestrator.StartAsync(CheckEvent.Definition, Id("one"), 0, policy, Ct);
    }

    [Fact]
    public async Task A_terminated_instance_ends_at_once_and_stays_so()
    {
        Assert.True(await Orchestrator.StartAsync(CheckEvent.Definition, Id("one"), 0, Ct));
        Assert.True(await Orchestrator.TerminateAsync(Id("one"), "not needed", Ct));
        var instance = await Orchestrator.WaitForEndAsync(Id("one"));
        Assert.Equal((OrchestrationState.Terminated, "not needed"), (instance.State, instance.Error));
        Assert.Null(instance.Output);
        Assert.False(await Orchestrator.TerminateAsync(Id("one"), "again", Ct));
        Assert.False(await Orchestrator.TerminateAsync(Id("nobody"), "nothing", Ct));
        Assert.False(await Orchestrator.RaiseEventAsync(Id("one"), CheckEvent.Event, "x", Ct));
    }

    [Fact]
    public async Task Terminating_an_instance_terminates_what_it_called()
    {
        Assert.True(await Orchestrator.StartAsync(CheckCallOfEvent.Definition, Id("one"), 0, Ct));
        await UntilAsync(Id("one-child"), _ => true);
        Assert.True(await Orchestrator.TerminateAsync(Id("one"), "not needed", Ct));
        Assert.Equal(OrchestrationState.Terminated, (await Orchestrator.WaitForEndAsync(Id("one-child"))).State);
    }

    [Fact]
    public async Task Terminating_a_sub_orchestration_fails_the_call()
    {
        Assert.True(await Orchestrator.StartAsync(CheckCallOfEvent.Definition, Id("one"), 0, Ct));
        await UntilAsync(Id("one-child"), _ => true);
        Assert.True(await Orchestrator.TerminateAsync(Id("one-child"), "not needed", Ct));
        var instance = await Orchestrator.WaitForEndAsync(Id("one"));
        Assert.StartsWith(
            "SubOrchestrationFailedException: Orchestration CheckEvent failed: Terminated: ", instance.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_ended_instance_runs_again_with_its_input()
    {
        var first = await RunAsync(CheckRetries.Definition, 6);
        Assert.Equal(OrchestrationState.Failed, first.State);
        Assert.Equal(RerunOutcome.Started, await Orchestrator.RerunAsync(Id("one"), Ct));
        var second = await Orchestrator.WaitForEndAsync(Id("one"));
        Assert.Equal((OrchestrationState.Completed, "6"), (second.State, second.Output));
        Assert.Null(second.Error);
    }

    [Fact]
    public async Task An_instance_that_runs_or_is_not_there_is_not_run_again()
    {
        Assert.True(await Orchestrator.StartAsync(CheckEvent.Definition, Id("one"), 0, Ct));
        Assert.Equal(RerunOutcome.Running, await Orchestrator.RerunAsync(Id("one"), Ct));
        Assert.Equal(RerunOutcome.NotFound, await Orchestrator.RerunAsync(Id("nobody"), Ct));
    }

    [Fact]
    public async Task Instances_are_listed_in_pages_and_by_state_name_and_time()
    {
        var before = TimeProvider.System.GetUtcNow().AddSeconds(-5);
        foreach (var i in Enumerable.Range(0, 5))
        {
            Assert.True(await Orchestrator.StartAsync(CheckChain.Definition, Id($"chain-{i}"), i, Ct));
            await Orchestrator.WaitForEndAsync(Id($"chain-{i}"));
        }

        Assert.True(await Orchestrator.StartAsync(CheckEvent.Definition, Id("waiting"), 0, Ct));
        string[] chains = ["chain-0", "chain-1", "chain-2", "chain-3", "chain-4"];
        var recent = new OrchestrationQuery(CreatedFrom: before);
        Assert.Equal([.. chains, "waiting"], await ListAsync(recent with { Limit = 2 }));
        Assert.Equal(chains, await ListAsync(recent with { State = OrchestrationState.Completed, Limit = 5 }));
        Assert.Equal(["waiting"], await ListAsync(recent with { Name = "CheckEvent" }));
        Assert.Empty(await ListAsync(recent with { CreatedBefore = before }));
        Assert.Empty(await ListAsync(new OrchestrationQuery(CreatedBefore: before, Limit: 200)));
    }

    [Fact]
    public async Task A_history_tells_what_happened_in_its_order()
    {
        await RunAsync(CheckRetries.Definition, 2);
        var history = await Orchestrator.GetHistoryAsync(Id("one"), Ct);
        Assert.NotNull(history);
        Assert.SkipWhen(history.Count == 0, "This host does not tell the history of an instance");
        var scheduled = history.Where(e => e is { Kind: "activityScheduled", Name: "CheckFlaky" }).ToList();
        Assert.Equal(2, scheduled.Count);
        // Not every engine tells what an activity was called with.
        Assert.All(scheduled, e => Assert.Contains(Id("one"), e.Payload ?? Id("one"), StringComparison.Ordinal));
        Assert.Contains(history, e => e is { Error: "IOException: run 1 of 2" });
        Assert.Equal("2", history[^1].Payload);
        Assert.Null(await Orchestrator.GetHistoryAsync(Id("nobody"), Ct));
    }

    /// <summary>Those of this test on all pages, in the order of their ids: engines differ in the order of the list.</summary>
    private async Task<List<string>> ListAsync(OrchestrationQuery query)
    {
        List<string> found = [];
        OrchestrationPage page;
        do
        {
            page = await Orchestrator.ListAsync(query, Ct);
            Assert.True(page.Items.Count <= query.Limit);
            found.AddRange(page.Items.Select(instance => instance.InstanceId)
                .Where(id => id.StartsWith(_prefix, StringComparison.Ordinal)).Select(id => id[_prefix.Length..]));
            query = query with { After = page.Next };
        }
        while (page.Next is not null);
        return [.. found.Order(StringComparer.Ordinal)];
    }
}
