namespace Backend.Orchestrations;

/// <summary>An activity failed in its last attempt.</summary>
public sealed class ActivityFailedException(string activity, string error)
    : Exception($"Activity {activity} failed: {error}")
{
    public string Activity { get; } = activity;

    /// <summary>Type and message of what it threw.</summary>
    public string Error { get; } = error;
}

/// <summary>A sub-orchestration failed or was terminated in its last attempt.</summary>
public sealed class SubOrchestrationFailedException(string orchestration, string error)
    : Exception($"Orchestration {orchestration} failed: {error}")
{
    public string Orchestration { get; } = orchestration;

    /// <summary>Type and message of what it threw.</summary>
    public string Error { get; } = error;
}

/// <summary>The event that an orchestration waited for did not come in time.</summary>
public sealed class EventTimeoutException(string eventName, TimeSpan timeout)
    : TimeoutException($"Event {eventName} did not come within {timeout}")
{
    public string EventName { get; } = eventName;
}

/// <summary>One attempt failed; what the code sees is made of the last one.</summary>
/// <param name="error">Type and message, see <see cref="ErrorText"/>.</param>
internal sealed class AttemptFailedException(string error) : Exception(error);

internal static class ActivityTimeouts
{
    public static readonly TimeSpan Longest = TimeSpan.FromDays(1);

    public static void ThrowIfInvalid(TimeSpan? timeout)
    {
        if (timeout <= TimeSpan.Zero || timeout > Longest)
        {
            throw new ArgumentOutOfRangeException(
                nameof(timeout), timeout, "an attempt takes more than nothing and at most a day");
        }
    }
}
