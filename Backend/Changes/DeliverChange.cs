using Backend.Records;
using Microsoft.Extensions.Options;

namespace Backend.Changes;

/// <summary>Calls a handler with one record as it is now.</summary>
internal sealed class DeliverChange(IRecordStore records, IOptions<ChangeOptions> options, TimeProvider time)
{
    /// <param name="handler">Who is told.</param>
    /// <param name="key">What changed.</param>
    /// <param name="version">Only if it is still this version; null for whatever it is.</param>
    /// <param name="ct">The host stops.</param>
    /// <exception cref="TimeoutException">The handler took too long.</exception>
    public async Task ExecuteAsync(IRecordChangeHandler handler, RecordKey key, ETag? version, CancellationToken ct)
    {
        // By the store, which knows what becomes of stored fields on their way out. A record that is gone for good since
        // has nothing to tell.
        if (await records.FindAsync(key, ct) is not { } record || (version is { } expected && record.ETag != expected))
        {
            return;
        }

        var timeout = TimeSpan.FromSeconds(options.Value.HandlerTimeoutSeconds);
        using var limit = new CancellationTokenSource(timeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(ct, limit.Token);
        try
        {
            // Also one that does not look at its token is not waited for any longer.
            await handler.HandleAsync(record, either.Token).WaitAsync(either.Token);
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested && !ct.IsCancellationRequested)
        {
            throw new TimeoutException($"It took longer than {timeout}.");
        }
    }
}
