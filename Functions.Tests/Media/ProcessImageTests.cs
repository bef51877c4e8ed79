using Backend.Media;
using Backend.Orchestrations;

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
        var context = new FailingContext();
        await new ProcessImage().RunAsync(context, Input);
        Assert.NotNull(context.SaveRetry);

        var patience = Enumerable.Range(1, context.SaveRetry.MaxAttempts - 1).Sum(attempt => context.SaveRetry.DelayAfter(attempt).TotalHours);

        Assert.True(patience > 6, $"gives up after {patience:0.0} hours");
    }

    /// <summary>Every activity but the last has failed in all its attempts.</summary>
    private sealed class FailingContext : OrchestrationContext
    {
        public ImageResult? Saved { get; private set; }

        public RetryPolicy? SaveRetry { get; private set; }

        public override string InstanceId => "instance";

        public override DateTimeOffset CurrentUtcTime => default;

        public override Guid NewGuid() => Guid.Empty;

        public override Task CreateTimer(DateTimeOffset fireAt) => Task.CompletedTask;

        public override Task<TOutput> CallActivityAsync<TInput, TOutput>(
            ActivityDefinition<TInput, TOutput> activity, TInput input, RetryPolicy? retry = null)
        {
            if (input is not ImageResult result)
            {
                return Task.FromException<TOutput>(new ActivityFailedException(activity.Name, "the store is away"));
            }

            (Saved, SaveRetry) = (result, retry);
            return Task.FromResult(default(TOutput)!); // what saving answers is not used
        }
    }
}
