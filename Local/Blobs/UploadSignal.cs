namespace Local.Blobs;

/// <summary>Wakes the delivery of upload events; waking it for nothing is harmless.</summary>
internal sealed class UploadSignal : IDisposable
{
    private readonly SemaphoreSlim _semaphore = new(0, 1);

    public void Set()
    {
        try
        {
            _semaphore.Release();
        }
        catch (SemaphoreFullException)
        {
            // It is set already.
        }
    }

    /// <param name="atMost">How long to wait without it; null for ever.</param>
    /// <param name="ct">Cancels the wait.</param>
    public Task WaitAsync(TimeSpan? atMost, CancellationToken ct) =>
        _semaphore.WaitAsync(atMost ?? Timeout.InfiniteTimeSpan, ct);

    public void Dispose() => _semaphore.Dispose();
}
