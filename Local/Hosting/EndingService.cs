namespace Local.Hosting;

/// <summary>
/// A background service whose end is no error. A host that is disposed without having been stopped cancels its services, too, but takes a
/// cancellation that comes out of one then for a crash, which it reports as critical, and waits for none of them.
/// </summary>
internal abstract class EndingService : BackgroundService, IAsyncDisposable
{
    /// <summary>A stop that was asked for has been waited for already, and longer.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>Waits for the end, since what the service works with is disposed next.</summary>
    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        Dispose();
        if (ExecuteTask is { } running)
        {
            await running.WaitAsync(Patience).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Works until it is cancelled, and may then throw what it likes.</summary>
    protected abstract Task RunAsync(CancellationToken stopping);

    protected sealed override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await RunAsync(stoppingToken);
        }
        catch (Exception) when (stoppingToken.IsCancellationRequested)
        {
            // Whatever it is: cancelled code often wraps what cancelled it in an exception of its own. What was not done is
            // in the database, where the next start finds it.
        }
    }
}
