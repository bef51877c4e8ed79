using System.Text.Json;
using Backend.Orchestrations;
using Microsoft.DurableTask;
using RetryPolicy = Backend.Orchestrations.RetryPolicy;

namespace Functions.Orchestrations;

/// <summary>
/// Durable Functions as the product's orchestrations see it. Retries are made here, as the embedded engine makes them,
/// and not by Durable's own options: the same waits and the same error in the end.
/// </summary>
internal sealed class DurableOrchestrationContext(TaskOrchestrationContext durable) : OrchestrationContext
{
    private static readonly TimeSpan Granularity = TimeSpan.FromSeconds(1);

    public override string InstanceId => durable.InstanceId;

    public override DateTimeOffset CurrentUtcTime =>
        new(DateTime.SpecifyKind(durable.CurrentUtcDateTime, DateTimeKind.Utc));

    public override Guid NewGuid() => durable.NewGuid();

    public override async Task<TOutput> CallActivityAsync<TInput, TOutput>(
        ActivityDefinition<TInput, TOutput> activity, TInput input, RetryPolicy? retry = null)
    {
        var json = JsonSerializer.Serialize(input, activity.Input);
        PayloadTooLargeException.ThrowIfOver($"input of activity {activity.Name}", json, DurablePayload.MaxBytes);
        for (var attempt = 1; ; attempt++)
        {
            var outcome = await AttemptAsync(activity.Name, json);
            if (outcome.Output is { } output)
            {
                // Outputs were written from the same type: null appears only where TOutput allows it.
                return JsonSerializer.Deserialize(output, activity.Output)!;
            }

            if (retry is null || attempt >= retry.MaxAttempts)
            {
                throw new ActivityFailedException(activity.Name, outcome.Error ?? "no reason given");
            }

            await CreateTimer(CurrentUtcTime + retry.DelayAfter(attempt));
        }
    }

    public override async Task CreateTimer(DateTimeOffset fireAt)
    {
        // A timer is a queue message that is hidden for a time, which storage takes in whole seconds and Durable rounds
        // down: asked for as it is, it would fire up to a second early. Again only if the machines' clocks differ.
        do
        {
            await durable.CreateTimer((fireAt + Granularity).UtcDateTime, CancellationToken.None);
        }
        while (CurrentUtcTime < fireAt);
    }

    private async Task<ActivityOutcome> AttemptAsync(string activity, string input)
    {
        try
        {
            return ActivityOutcome.Parse(await durable.CallActivityAsync<string>(activity, input));
        }
        catch (TaskFailedException exception)
        {
            // Not the activity itself, whose errors are outcomes, but the host: out of memory, time-out, no such function.
            return new ActivityOutcome(Error: DurablePayload.ErrorOf(exception.FailureDetails));
        }
    }
}
