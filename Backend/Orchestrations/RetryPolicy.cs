namespace Backend.Orchestrations;

/// <summary>How failing activities and sub-orchestrations are tried again.</summary>
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

    /// <summary>
    /// Which errors are tried again; all of them when null. Asked in replays too: it may look at nothing but the error.
    /// </summary>
    public Func<TaskError, bool>? RetryOn { get; init; }

    /// <summary>The wait after attempt number <paramref name="attempt"/> (1 for the first) has failed.</summary>
    public TimeSpan DelayAfter(int attempt)
    {
        // In doubles: the product leaves the range of TimeSpan after some sixty doublings.
        var ticks = FirstDelay.Ticks * Math.Pow(BackoffCoefficient, attempt - 1);
        var longest = MaxDelay ?? Year;
        return ticks < longest.Ticks ? TimeSpan.FromTicks((long)ticks) : longest;
    }

    /// <summary>Whether another attempt follows after attempt number <paramref name="attempt"/> has failed so.</summary>
    internal bool Allows(int attempt, TaskError error) =>
        attempt < MaxAttempts && (RetryOn is null || RetryOn(error));
}

/// <summary>An error as histories keep it.</summary>
/// <param name="Type">The exception's own type, without namespace; base types do not count.</param>
/// <param name="Message">Its message.</param>
public sealed record TaskError(string Type, string Message)
{
    /// <summary>Whether the exception was of exactly this type.</summary>
    public bool Is<TException>()
        where TException : Exception => Type == typeof(TException).Name;

    internal static TaskError Parse(string error)
    {
        var end = error.IndexOf(": ", StringComparison.Ordinal);
        return end < 0 ? new TaskError("", error) : new TaskError(error[..end], error[(end + 2)..]);
    }
}
