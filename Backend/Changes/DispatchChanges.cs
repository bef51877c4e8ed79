using Backend.Orchestrations;
using Backend.Records;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Backend.Changes;

/// <summary>
/// Delivers what a store's change feed tells: called by the change feed's trigger and by the embedded host's feed. When it
/// returns, every change is delivered or waits durably for <see cref="DeliverWaitingChanges"/>, so that one that fails
/// holds up its own scope for its own handler and nothing else, and the feed goes on.
/// </summary>
public sealed partial class DispatchChanges
{
    private readonly DeliverChange _deliver;
    private readonly WaitingChanges _waiting;
    private readonly IOrchestrator _orchestrator;
    private readonly ChangeOptions _options;
    private readonly ILogger<DispatchChanges> _logger;

    internal DispatchChanges(
        IEnumerable<IRecordChangeHandler> handlers,
        DeliverChange deliver,
        WaitingChanges waiting,
        IOrchestrator orchestrator,
        IOptions<ChangeOptions> options,
        ILogger<DispatchChanges> logger)
    {
        Handlers = [.. handlers];
        if (Handlers.GroupBy(handler => handler.Name).FirstOrDefault(group => group.Count() > 1) is { } twice)
        {
            throw new InvalidOperationException($"Two handlers of changes have the name {twice.Key}; each needs its own.");
        }

        _deliver = deliver;
        _waiting = waiting;
        _orchestrator = orchestrator;
        _options = options.Value;
        _logger = logger;
    }

    /// <summary>All that are registered.</summary>
    public IReadOnlyList<IRecordChangeHandler> Handlers { get; }

    /// <summary>Delivers to all handlers side by side.</summary>
    /// <inheritdoc cref="ExecuteAsync(IRecordChangeHandler, IReadOnlyList{ChangedRecord}, CancellationToken)"/>
    public Task ExecuteAsync(IReadOnlyList<ChangedRecord> changes, CancellationToken ct) =>
        Task.WhenAll(Handlers.Select(handler => ExecuteAsync(handler, changes, ct)));

    /// <param name="handler">Who is told.</param>
    /// <param name="changes">In the order of the feed. Internal collections are left out here.</param>
    /// <param name="ct">The host stops; the same changes must then be delivered again.</param>
    /// <exception cref="StoreUnavailableException">Nothing can be told to wait; the same changes must be delivered again.</exception>
    public Task ExecuteAsync(IRecordChangeHandler handler, IReadOnlyList<ChangedRecord> changes, CancellationToken ct)
    {
        var scopes = changes
            .Where(static change => change.Key.Collection[0] != IRecordStore.InternalPrefix)
            .GroupBy(static change => change.Key.Scope);
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = _options.MaxParallelScopes, CancellationToken = ct };
        return Parallel.ForEachAsync(
            scopes, parallel, async (scope, token) => await DeliverScopeAsync(handler, scope.Key, [.. scope], token));
    }

    private async Task DeliverScopeAsync(
        IRecordChangeHandler handler, Scope scope, IReadOnlyList<ChangedRecord> changes, CancellationToken ct)
    {
        var done = 0;
        string? error = null;
        if (await _waiting.FindAsync(scope, handler.Name, ct) is null)
        {
            (done, error) = await DeliverUntilOneFailsAsync(handler, changes, ct);
        }

        if (done == changes.Count)
        {
            return;
        }

        // When a crash comes in between, the feed delivers the same changes again, and finds the list.
        var list = await _waiting.AddAsync(scope, handler.Name, changes.Skip(done).Select(change => change.Key), ct);
        var input = new WaitingChangesInput(
            handler.Name, scope.Value, list.Generation, _options.RetrySeconds, _options.MaxRetrySeconds,
            _options.HandlerTimeoutSeconds, Failures: 1, error);
        await _orchestrator.StartAsync(DeliverWaitingChanges.Definition, list.InstanceId, input, ct);
    }

    private async Task<(int Done, string? Error)> DeliverUntilOneFailsAsync(
        IRecordChangeHandler handler, IReadOnlyList<ChangedRecord> changes, CancellationToken ct)
    {
        foreach (var (i, change) in changes.Index())
        {
            try
            {
                await _deliver.ExecuteAsync(handler, change.Key, change.ETag, ct);
            }
            catch (Exception exception) when (!ct.IsCancellationRequested)
            {
                LogFailed(exception, change.Key, handler.Name);
                return (i, $"{exception.GetType().Name}: {exception.Message}");
            }
        }

        return (changes.Count, null);
    }

    [LoggerMessage(
        LogLevel.Error,
        "The change of {Record} could not be delivered to {Handler}; it and what follows in its scope is delivered later")]
    private partial void LogFailed(Exception exception, RecordKey record, string handler);
}
