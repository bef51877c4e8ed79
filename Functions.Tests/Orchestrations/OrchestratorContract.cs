using System.Text.Json;
using Backend.Orchestrations;
using Backend.Orchestrations.Checks;

namespace Functions.Tests.Orchestrations;

/// <summary>
/// What every <see cref="IOrchestrator"/> promises, asked of one that has the check orchestrations: in this process, or of
/// another host through HTTP, in which others may be at work.
/// </summary>
public abstract partial class OrchestratorContract : IAsyncLifetime
{
    private static readonly OrchestrationDefinition<int, int> Unregistered =
        new("Unregistered", SamplesJsonContext.Default.Int32, SamplesJsonContext.Default.Int32);

    /// <summary>Of this test alone: the host may know those of others, and of earlier days.</summary>
    private readonly string _prefix = $"contract-{Guid.CreateVersion7():n}-";

    private IOrchestrator? _orchestrator;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    protected IOrchestrator Orchestrator => _orchestrator ?? throw new InvalidOperationException("not initialized");

    public async ValueTask InitializeAsync() => _orchestrator = await StartAsync();

    public abstract ValueTask DisposeAsync();

    /// <summary>An engine that runs and has the checks registered.</summary>
    protected abstract Task<IOrchestrator> StartAsync();

    [Fact]
    public async Task A_chain_passes_every_result_on()
    {
        var instance = await RunAsync(CheckChain.Definition, 10);
        Assert.Equal(OrchestrationState.Completed, instance.State);
        Assert.Equal("15", instance.Output);
        Assert.Equal("CheckChain", instance.Name);
        Assert.Null(instance.Error);
        Assert.True(instance.UpdatedAt >= instance.CreatedAt);
    }

    [Fact]
    public async Task A_fan_out_gathers_every_result()
    {
        var instance = await RunAsync(CheckFanOut.Definition, 100);
        Assert.Equal("5150", instance.Output);
    }

    [Fact]
    public async Task A_failing_activity_is_tried_again_until_it_succeeds()
    {
        var instance = await RunAsync(CheckRetries.Definition, 3);
        Assert.Equal(OrchestrationState.Completed, instance.State);
        Assert.Equal("3", instance.Output);
    }

    [Fact]
    public async Task An_activity_that_fails_in_every_attempt_fails_the_instance_with_its_error()
    {
        var instance = await RunAsync(CheckRetries.Definition, 5);
        Assert.Equal(OrchestrationState.Failed, instance.State);
        Assert.Null(instance.Output);
        Assert.Equal(
            "ActivityFailedException: Activity CheckFlaky failed: IOException: run 4 of 5", instance.Error);
    }

    [Fact]
    public async Task A_timer_never_fires_early()
    {
        var before = TimeProvider.System.GetTimestamp();
        var instance = await RunAsync(CheckTimer.Definition, 300);
        var elapsed = TimeProvider.System.GetElapsedTime(before);
        var times = JsonSerializer.Deserialize(instance.Output ?? "[]", SamplesJsonContext.Default.DateTimeOffsetArray);
        Assert.NotNull(times);
        Assert.True(times[2] >= times[1], $"rose {times[2]:O}, alarm {times[1]:O}");
        // The wall clock is set in whole milliseconds and may be slewed: a little less by the steady clock is in order.
        Assert.True(elapsed >= TimeSpan.FromMilliseconds(290), $"took {elapsed}");
    }

    [Fact]
    public async Task Of_many_simultaneous_starts_with_one_id_exactly_one_starts()
    {
        var starts = await Task.WhenAll(Enumerable.Range(0, 20).Select(i =>
            Task.Run(() => Orchestrator.StartAsync(CheckChain.Definition, Id("same"), i, Ct), Ct)));
        Assert.Single(starts, started => started);
        var instance = await Orchestrator.WaitForEndAsync(Id("same"));
        Assert.False(await Orchestrator.StartAsync(CheckChain.Definition, Id("same"), 100, Ct));
        Assert.Equal(instance, await Orchestrator.FindAsync(Id("same"), Ct));
    }

    [Fact]
    public async Task An_orchestration_that_is_not_registered_is_refused()
    {
        var exception = await Assert.ThrowsAsync<ArgumentException>(
            () => Orchestrator.StartAsync(Unregistered, Id("unknown"), 1, Ct));
        Assert.Contains("Unregistered", exception.Message, StringComparison.Ordinal);
        Assert.Null(await Orchestrator.FindAsync(Id("unknown"), Ct));
    }

    [Theory]
    [InlineData("")]
    [InlineData("@entity")]
    [InlineData("a/b")]
    [InlineData("ä")]
    [InlineData("line\nfeed")]
    public async Task An_id_that_not_every_engine_could_store_is_refused(string instanceId) =>
        await Assert.ThrowsAsync<ArgumentException>(() => Orchestrator.StartAsync(CheckChain.Definition, instanceId, 1, Ct));

    [Fact]
    public async Task An_id_of_more_than_100_characters_is_refused() =>
        await Assert.ThrowsAsync<ArgumentException>(
            () => Orchestrator.StartAsync(CheckChain.Definition, new string('a', 101), 1, Ct));

    [Fact]
    public async Task An_input_over_the_limit_is_refused()
    {
        var exception = await Assert.ThrowsAsync<PayloadTooLargeException>(
            () => Orchestrator.StartAsync(CheckInput.Definition, Id("large"), new string('x', 100_000), Ct));
        Assert.Contains("input of orchestration CheckInput", exception.Message, StringComparison.Ordinal);
        Assert.Null(await Orchestrator.FindAsync(Id("large"), Ct));
    }

    [Fact]
    public async Task An_activity_output_over_the_limit_fails_the_activity()
    {
        var instance = await RunAsync(CheckOutput.Definition, 100_000);
        Assert.Equal(OrchestrationState.Failed, instance.State);
        Assert.Contains("output of activity CheckRepeat", instance.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Payloads_up_to_the_limit_pass()
    {
        var instance = await RunAsync(CheckOutput.Definition, 60_000);
        Assert.Equal(60_002, instance.Output?.Length);
    }

    [Fact]
    public async Task Instances_run_side_by_side()
    {
        var ids = Enumerable.Range(0, 50).Select(i => Id($"side-{i}")).ToArray();
        await Task.WhenAll(ids.Select((id, i) => Orchestrator.StartAsync(CheckChain.Definition, id, i, Ct)));
        for (var i = 0; i < ids.Length; i++)
        {
            var instance = await Orchestrator.WaitForEndAsync(ids[i]);
            Assert.Equal($"{i + 5}", instance.Output);
        }
    }

    [Fact]
    public async Task An_instance_that_was_never_started_is_not_found()
    {
        Assert.Null(await Orchestrator.FindAsync(Id("nobody"), Ct));
        await Orchestrator.CheckAsync(Ct);
    }

    private string Id(string name) => _prefix + name;

    private async Task<OrchestrationInstance> RunAsync<TInput, TOutput>(
        OrchestrationDefinition<TInput, TOutput> orchestration, TInput input)
    {
        Assert.True(await Orchestrator.StartAsync(orchestration, Id("one"), input, Ct));
        return await Orchestrator.WaitForEndAsync(Id("one"));
    }
}

internal static class OrchestratorWaiting
{
    /// <summary>The instance once it has ended, or a failed test after a minute.</summary>
    public static async Task<OrchestrationInstance> WaitForEndAsync(this IOrchestrator orchestrator, string instanceId)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        deadline.CancelAfter(TimeSpan.FromSeconds(60));
        while (true)
        {
            if (await orchestrator.FindAsync(instanceId, deadline.Token) is { } ended && ended.State.HasEnded())
            {
                return ended;
            }

            await Task.Delay(10, deadline.Token);
        }
    }
}
