using Backend.Changes;
using Backend.Records;

namespace Local.Changes;

/// <summary>The embedded host's change feed: delivers what was written to each handler, from where that one is.</summary>
internal sealed partial class ChangeDelivery(
    IEnumerable<IRecordChangeHandler> handlers,
    ChangePositions positions,
    IRecordStore records,
    TimeProvider time,
    ILogger<ChangeDelivery> logger) : BackgroundService
{
    private const int BatchSize = 100;

    /// <summary>Reading one entry of an index; records have no signal of their writes.</summary>
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(500);

    private static readonly TimeSpan RetryDelay = TimeSpan.FromSeconds(5);

    private readonly List<IRecordChangeHandler> _handlers = [.. handlers];

    /// <summary>Before the host takes requests, so that a new handler misses none of theirs.</summary>
    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        foreach (var handler in _handlers)
        {
            await positions.EstablishAsync(handler.Name, cancellationToken);
        }

        await base.StartAsync(cancellationToken);
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Task.WhenAll(_handlers.Select(handler => FollowAsync(handler, stoppingToken)));

    private async Task FollowAsync(IRecordChangeHandler handler, CancellationToken stopping)
    {
        while (!stopping.IsCancellationRequested)
        {
            var pause = LookEvery;
            try
            {
                await DeliverAsync(handler, stopping);
            }
            catch (Exception exception) when (!stopping.IsCancellationRequested)
            {
                Log.Failed(logger, exception, handler.Name, RetryDelay);
                pause = RetryDelay;
            }

            await Task.Delay(pause, time, stopping);
        }
    }

    private async Task DeliverAsync(IRecordChangeHandler handler, CancellationToken ct)
    {
        while (positions.Read(handler.Name, BatchSize) is { Count: > 0 } batch)
        {
            var done = 0L;
            try
            {
                foreach (var change in batch)
                {
                    // By the store, which knows what becomes of stored fields on their way out. One that is gone for good
                    // since, or is not the product's to read, has nothing to tell.
                    if (KeyOf(change) is { } key
                        && await records.FindAsync(key, ct) is { } record
                        && positions.IsLatest(change))
                    {
                        await handler.HandleAsync(record, ct);
                    }

                    done = change.Sequence;
                }
            }
            finally
            {
                // What was delivered before the one that failed is not delivered again, unless this process dies now.
                await positions.AdvanceAsync(handler.Name, done, CancellationToken.None);
            }
        }
    }

    private static RecordKey? KeyOf(PendingChange change) =>
        Scope.TryParseStored(change.Scope, out var scope) && RecordId.TryParse(change.Id, out var id)
            ? new RecordKey(scope, change.Collection, id)
            : null;

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error, "Changes could not be delivered to {Handler}; trying again in {Delay}")]
        public static partial void Failed(ILogger logger, Exception exception, string handler, TimeSpan delay);
    }
}

internal static class ChangeDeliveryServices
{
    public static IServiceCollection AddChangeDelivery(this IServiceCollection services) => services
        .AddSingleton<ChangePositions>()
        .AddHostedService<ChangeDelivery>();
}
