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
    /// Runs an activity at least once and records its first result. Started activities run in parallel until awaited;
    /// what is still running when the orchestration ends runs to its end, and its result is dropped.
    /// </summary>
    /// <exception cref="ActivityFailedException">The activity threw in every attempt.</exception>
    /// <exception cref="PayloadTooLargeException">The input is over the engine's limit.</exception>
    public abstract Task<TOutput> CallActivityAsync<TInput, TOutput>(
        ActivityDefinition<TInput, TOutput> activity, TInput input, RetryPolicy? retry = null);

    /// <summary>A task that completes at <paramref name="fireAt"/> or soon after, across restarts.</summary>
    public abstract Task CreateTimer(DateTimeOffset fireAt);
}

/// <summary>How failing activities are tried again.</summary>
/// <param name="MaxAttempts">Attempts in all, the first included; 1 or more.</param>
/// <param name="FirstDelay">The wait before the second attempt.</param>
/// <param name="BackoffCoefficient">By what every further wait is longer than the one before.</param>
/// <param name="MaxDelay">The longest wait; a year when null.</param>
public sealed record RetryPolicy(
    int MaxAttempts, TimeSpan FirstDelay, double BackoffCoefficient = 2, TimeSpan? MaxDelay = null)
{
    private static readonly TimeSpan Year = TimeSpan.FromDays(365);

    public int MaxAttempts { get; } = MaxAttempts >= 1
        ? MaxAttempts
        : throw new ArgumentOutOfRangeException(nameof(MaxAttempts), MaxAttempts, "at least one attempt");

    public TimeSpan FirstDelay { get; } = FirstDelay >= TimeSpan.Zero
        ? FirstDelay
        : throw new ArgumentOutOfRangeException(nameof(FirstDelay), FirstDelay, "a wait cannot be negative");

    /// <summary>The wait after attempt number <paramref name="attempt"/> (1 for the first) has failed.</summary>
    public TimeSpan DelayAfter(int attempt)
    {
        // In doubles: the product leaves the range of TimeSpan after some sixty doublings.
        var ticks = FirstDelay.Ticks * Math.Pow(BackoffCoefficient, attempt - 1);
        var longest = MaxDelay ?? Year;
        return ticks < longest.Ticks ? TimeSpan.FromTicks((long)ticks) : longest;
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
