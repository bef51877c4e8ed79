using System.Text.Json.Nodes;
using Backend.Orchestrations;
using Backend.Spaces;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Functions.Tests.Spaces;

public sealed class PurgeSpaceTests
{
    private static readonly PurgeSpaceInput Input = new("s1", "d1", new DateTimeOffset(2026, 4, 1, 0, 0, 0, TimeSpan.Zero));

    [Fact]
    public async Task It_waits_until_nothing_can_be_restored_and_removes_until_nothing_is_left()
    {
        var context = new ScriptedContext(claimed: true, [10_000, 7, 0]);

        var output = await new PurgeSpace().RunAsync(context, Input);

        Assert.Equal(new PurgeSpaceOutput("purged", 10_007), output);
        Assert.Equal(["timer 2026-04-01", "ClaimSpacePurge", "DeleteSpaceRecords", "DeleteSpaceRecords", "DeleteSpaceRecords"], context.Steps);
        Assert.Equal("""{"result":"purging","records":10007}""", context.CustomStatus);
    }

    [Fact]
    public async Task Of_a_restored_space_it_removes_nothing()
    {
        var context = new ScriptedContext(claimed: false, []);

        var output = await new PurgeSpace().RunAsync(context, Input);

        Assert.Equal("restored", output.Result);
        Assert.Equal(["timer 2026-04-01", "ClaimSpacePurge"], context.Steps);
    }

    [Fact]
    public void Its_instance_id_is_one_that_every_engine_takes() =>
        OrchestrationInstanceId.ThrowIfInvalid(PurgeSpace.InstanceIdOf($"{Guid.NewGuid()}", $"{Guid.NewGuid()}"));

    private sealed class ScriptedContext(bool claimed, IEnumerable<int> removed) : OrchestrationContext
    {
        private readonly Queue<int> _removed = new(removed);

        public List<string> Steps { get; } = [];

        public string? CustomStatus { get; private set; }

        public override string InstanceId => "i1";

        public override DateTimeOffset CurrentUtcTime => Input.PurgeAt;

        public override bool IsReplaying => false;

        protected override int MaxPayloadBytes => 1024;

        protected override ILoggerFactory Loggers => NullLoggerFactory.Instance;

        public override Guid NewGuid() => Guid.Empty;

        public override Task CreateTimer(DateTimeOffset fireAt)
        {
            Steps.Add($"timer {fireAt:yyyy-MM-dd}");
            return Task.CompletedTask;
        }

        protected override Task<string> RunActivityAsync(string name, string input, int attempt, TimeSpan? timeout)
        {
            Steps.Add(name);
            return Task.FromResult(name == nameof(ClaimSpacePurge)
                ? JsonValue.Create(claimed).ToJsonString()
                : JsonValue.Create(_removed.Dequeue()).ToJsonString());
        }

        protected override Task<string> RunSubOrchestrationAsync(string name, string input, string? instanceId) =>
            throw new NotSupportedException();

        protected override Task<string?> ReceiveEventAsync(string name, DateTimeOffset? until) => throw new NotSupportedException();

        protected override void ContinueAsNew(string input, bool preserveUnprocessedEvents) => throw new NotSupportedException();

        protected override void SetCustomStatus(string json) => CustomStatus = json;
    }
}
