using System.Diagnostics.CodeAnalysis;
using Backend.Changes;
using Local.Hosting;

namespace Local.Changes;

/// <summary>The embedded host's change feed: delivers what was written to each handler, from where that one is.</summary>
internal sealed partial class ChangeDelivery(
    DispatchChanges dispatch, IChangeSource source, TimeProvider time, ILogger<ChangeDelivery> logger) : EndingService
{
    private static readonly TimeSpan RetryDelay = TimeSpan.FromSeconds(5);

    /// <summary>Before the host takes requests, so that a new handler misses none of theirs.</summary>
    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        foreach (var handler in dispatch.Handlers)
        {
            await source.EstablishAsync(handler.Name, cancellationToken);
        }

        await base.StartAsync(cancellationToken);
    }

    protected override Task RunAsync(CancellationToken stopping) =>
        Task.WhenAll(dispatch.Handlers.Select(handler => FollowAsync(handler, stopping)));

    private async Task FollowAsync(IRecordChangeHandler handler, CancellationToken stopping)
    {
        while (!stopping.IsCancellationRequested)
        {
            var pause = source.LookEvery;
            try
            {
                await DeliverAsync(handler, stopping);
            }
            catch (Exception exception) when (!stopping.IsCancellationRequested)
            {
                LogFailed(exception, handler.Name, RetryDelay);
                pause = RetryDelay;
            }

            await Task.Delay(pause, time, stopping);
        }
    }

    private async Task DeliverAsync(IRecordChangeHandler handler, CancellationToken ct)
    {
        while (await source.ReadAsync(handler.Name, ct) is { Position: not null } batch)
        {
            await dispatch.ExecuteAsync(handler, batch.Changes, ct);
            await source.AdvanceAsync(handler.Name, batch, CancellationToken.None);
        }
    }

    [LoggerMessage(LogLevel.Error, "Changes could not be read for {Handler}; trying again in {Delay}")]
    private partial void LogFailed(Exception exception, string handler, TimeSpan delay);
}

internal static class ChangeDeliveryServices
{
    public static IServiceCollection AddChangeDelivery<
        [DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] TSource>(this IServiceCollection services)
        where TSource : class, IChangeSource => services.AddSingleton<IChangeSource, TSource>().AddHostedService<ChangeDelivery>();
}
