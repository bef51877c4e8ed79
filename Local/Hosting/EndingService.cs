namespace Local.Hosting;

/// <summary>
/// A background service whose end is no error. A host that is disposed without having been stopped cancels its services, too, but takes a
/// cancellation that comes out of one then for a crash, which it reports as critical, and waits for none of them.
/// </summary>
internal abstract class EndingService : BackgroundService, IAsyncDisposable
{
    /// <summary>A stop that was asked for has been waited for already, and longer.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private Task? _ended;

    /// <summary>One that was cancelled before a thread was free to begin it has ended quietly, too.</summary>
    public override Task? ExecuteTask => _ended ??= base.ExecuteTask is { } running ? EndAsync(running) : null;

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

    private static async Task EndAsync(Task running)
    {
        try
        {
            await running;
        }
        catch (OperationCanceledException) when (running.IsCanceled)
        {
            // Nothing was begun.
        }
    }
}
