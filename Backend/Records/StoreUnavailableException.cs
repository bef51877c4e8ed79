namespace Backend.Records;

/// <summary>
/// A store cannot answer now but is expected to soon: it throttles, fails over or is out of reach, and the adapter's own
/// retries are spent. The caller answers 503. A write that ends so may or may not have happened; repeating it is safe
/// only because writes are conditional.
/// </summary>
public sealed class StoreUnavailableException : Exception
{
    public StoreUnavailableException()
    {
    }

    public StoreUnavailableException(string message)
        : base(message)
    {
    }

    public StoreUnavailableException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }

    /// <summary>How long the store asked to be left alone; null when it did not say.</summary>
    public TimeSpan? RetryAfter { get; init; }
}
