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

    public Task WaitAsync(CancellationToken ct) => _semaphore.WaitAsync(ct);

    public void Dispose() => _semaphore.Dispose();
}
