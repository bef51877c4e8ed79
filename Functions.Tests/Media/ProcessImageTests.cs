using System.Text.Json;
using Backend.Media;
using Backend.Orchestrations;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Functions.Tests.Media;

public sealed class ProcessImageTests
{
    private static readonly ProcessImageInput Input = new("user/alice", "m1", "etag");

    [Fact]
    public async Task An_activity_that_keeps_failing_ends_the_media_as_failed_and_not_in_limbo()
    {
        var context = new FailingContext();

        var output = await new ProcessImage().RunAsync(context, Input);

        Assert.Equal(MediaReasons.ProcessingFailed, output.Result);
        Assert.Equal(MediaReasons.ProcessingFailed, context.Saved?.Rejection?.Reason);
    }

    [Fact]
    public async Task Saving_the_result_outlasts_an_outage_of_hours()
    {
        var context = new FailingContext { Outage = TimeSpan.FromHours(6) };

        await new ProcessImage().RunAsync(context, Input);

        Assert.NotNull(context.Saved);
    }

    /// <summary>Every activity but the last fails in all its attempts; the last one until an outage is over.</summary>
    private sealed class FailingContext : OrchestrationContext
    {
        private DateTimeOffset _now;
        private DateTimeOffset? _firstSave;

        public TimeSpan Outage { get; init; }

        public ImageResult? Saved { get; private set; }

        public override string InstanceId => "instance";

        public override DateTimeOffset CurrentUtcTime => _now;

        public override bool IsReplaying => false;

        protected override int MaxPayloadBytes => 64 * 1024;

        protected override ILoggerFactory Loggers => NullLoggerFactory.Instance;

        public override Guid NewGuid() => Guid.Empty;

        public override Task CreateTimer(DateTimeOffset fireAt)
        {
            _now = fireAt;
            return Task.CompletedTask;
        }

        protected override Task<string> RunActivityAsync(string name, string input, int attempt, TimeSpan? timeout)
        {
            if (name != SaveImage.Definition.Name || _now - (_firstSave ??= _now) < Outage)
            {
                return Task.FromException<string>(new AttemptFailedException("IOException: the store is away"));
            }

            Saved = JsonSerializer.Deserialize(input, ProcessingJsonContext.Default.ImageResult);
            return Task.FromResult("true");
        }

        protected override Task<string> RunSubOrchestrationAsync(string name, string input, string? instanceId) =>
            throw new NotSupportedException();

        protected override Task<string?> ReceiveEventAsync(string name, DateTimeOffset? until) =>
            throw new NotSupportedException();

        protected override void ContinueAsNew(string input, bool preserveUnprocessedEvents) =>
            throw new NotSupportedException();

        protected override void SetCustomStatus(string json)
        {
        }
    }
}
