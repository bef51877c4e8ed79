namespace SyncClient;

/// <summary>How long to wait after exchanges that failed.</summary>
/// <param name="first">The first wait; it doubles with each failure that follows.</param>
/// <param name="longest">The longest, unless the server asks for more.</param>
/// <param name="jitter">Makes waits differ, so that devices which lost the server together do not come back together.</param>
internal sealed class Backoff(TimeSpan first, TimeSpan longest, Random jitter)
{
    private int _failures;

    public void Reset() => _failures = 0;

    /// <summary>Half of the doubled wait is certain, the other half chance; never less than the server asks for.</summary>
    public TimeSpan Next(TimeSpan? retryAfter)
    {
        var doubled = Math.Min(longest.TotalSeconds, first.TotalSeconds * Math.Pow(2, Math.Min(_failures++, 30)));
        var wait = TimeSpan.FromSeconds((doubled / 2) + (jitter.NextDouble() * doubled / 2));
        return retryAfter > wait ? retryAfter.Value : wait;
    }
}
