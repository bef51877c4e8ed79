namespace Backend.Orchestrations;

/// <summary>
/// What an orchestration may use. Its code is replayed from history after every step and every crash, so it must be
/// deterministic: time, ids and all work come from here, and only tasks made here may be awaited.
/// </summary>
public abstract class OrchestrationContext
{
    public abstract string InstanceId { get; }

    /// <summary>The time of the step being run; the same in every replay of it.</summary>
    public abstract DateTimeOffset CurrentUtcTime { get; }

    /// <summary>A new id; the same in every replay.</summary>
    public abstract Guid NewGuid();

    /// <summary>
    /// Runs an activity at least once and records its first result. Started activities run in parallel until awaited.
    /// </summary>
    /// <exception cref="ActivityFailedException">The activity threw in every attempt.</exception>
    public abstract Task<TOutput> CallActivityAsync<TInput, TOutput>(
        ActivityDefinition<TInput, TOutput> activity, TInput input, RetryPolicy? retry = null);

    /// <summary>A task that completes at <paramref name="fireAt"/> or soon after, across restarts.</summary>
    public abstract Task CreateTimer(DateTimeOffset fireAt);
}

/// <summary>How failing activities are tried again.</summary>
/// <param name="MaxAttempts">Attempts in all, the first included; 1 or more.</param>
/// <param name="FirstDelay">The wait before the second attempt.</param>
/// <param name="BackoffCoefficient">By what every further wait is longer than the one before.</param>
/// <param name="MaxDelay">The longest wait.</param>
public sealed record RetryPolicy(
    int MaxAttempts, TimeSpan FirstDelay, double BackoffCoefficient = 2, TimeSpan? MaxDelay = null)
{
    /// <summary>The wait after attempt number <paramref name="attempt"/> (1 for the first) has failed.</summary>
    public TimeSpan DelayAfter(int attempt)
    {
        var delay = FirstDelay * Math.Pow(BackoffCoefficient, attempt - 1);
        return MaxDelay is { } max && delay > max ? max : delay;
    }
}

/// <summary>An activity failed in its last attempt.</summary>
public sealed class ActivityFailedException(string activity, string error)
    : Exception($"Activity {activity} failed: {error}")
{
    public string Activity { get; } = activity;

    /// <summary>Type and message of what it threw.</summary>
    public string Error { get; } = error;
}
