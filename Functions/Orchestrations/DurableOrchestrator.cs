using System.Collections.Concurrent;
using Backend.Orchestrations;
using DurableTask.Core.Exceptions;
using Grpc.Core;
using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using DurableQuery = Microsoft.DurableTask.Client.OrchestrationQuery;

namespace Functions.Orchestrations;

/// <summary>
/// Durable Functions as the product sees it. The worker gives its client to functions only, by a binding; every
/// function in which the product may need one hands it over by <see cref="Use"/>.
/// </summary>
internal sealed partial class DurableOrchestrator(
    OrchestrationRegistry registry, TimeProvider time, ILogger<DurableOrchestrator> logger) : IOrchestrator
{
    /// <summary>How long an instance that ended is kept; its id counts as taken for as long.</summary>
    private static readonly TimeSpan KeepEnded = TimeSpan.FromDays(30);

    private readonly ConcurrentDictionary<string, Lazy<Task<StartOutcome>>> _starting = new(StringComparer.Ordinal);
    private DurableTaskClient? _client;

    private DurableTaskClient Client => Volatile.Read(ref _client)
        ?? throw new InvalidOperationException("The function that got here does not bind a durable client");

    /// <summary>
    /// The newest one counts: the host keeps one address for as long as it runs, and gets another when it restarts.
    /// </summary>
    public void Use(DurableTaskClient client) => Volatile.Write(ref _client, client);

    public async Task<StartOutcome> StartAsync(
        string orchestration, string instanceId, string input, StartPolicy policy, CancellationToken ct)
    {
        OrchestrationInstanceId.ThrowIfInvalid(instanceId);
        if (!registry.TryGetOrchestration(orchestration, out _))
        {
            throw new ArgumentException($"no orchestration {orchestration} is registered", nameof(orchestration));
        }

        PayloadTooLargeException.ThrowIfOver($"input of orchestration {orchestration}", input, DurablePayload.MaxBytes);
        // Between looking and starting, the store lets others look, so those of this process wait for each other. Others
        // are kept apart by the store where it can; where it cannot, an instance starts over, and activities bear that.
        var mine = new Lazy<Task<StartOutcome>>(() => StartOnceAsync(orchestration, instanceId, input, policy));
        var first = _starting.GetOrAdd(instanceId, mine);
        try
        {
            var outcome = await first.Value.WaitAsync(ct);
            return ReferenceEquals(first, mine) ? outcome
                : policy is StartPolicy.Reject ? StartOutcome.Rejected : StartOutcome.Accepted;
        }
        finally
        {
            if (ReferenceEquals(first, mine))
            {
                _starting.TryRemove(instanceId, out _);
            }
        }
    }

    public async Task<OrchestrationInstance?> FindAsync(string instanceId, CancellationToken ct) =>
        await Client.GetInstanceAsync(instanceId, getInputsAndOutputs: true, ct) is { } found
            ? DurableViews.Of(found)
            : null;

    /// <summary>A name is looked for in each page that the store answers: pages may be short, or empty.</summary>
    public async Task<OrchestrationPage> ListAsync(Backend.Orchestrations.OrchestrationQuery query, CancellationToken ct)
    {
        var filter = new DurableQuery(
            query.CreatedFrom,
            query.CreatedBefore,
            query.State is { } state ? DurableViews.StatusesOf(state) : null,
            PageSize: query.Limit,
            FetchInputsAndOutputs: true,
            ContinuationToken: query.After);
        await foreach (var page in Client.GetAllInstancesAsync(filter).AsPages(query.After, query.Limit).WithCancellation(ct))
        {
            var named = page.Values.Where(instance => query.Name is null || instance.Name == query.Name);
            return new OrchestrationPage([.. named.Select(DurableViews.Of)], page.ContinuationToken);
        }

        return new OrchestrationPage([], null);
    }

    public async Task<IReadOnlyList<OrchestrationHistoryEvent>?> GetHistoryAsync(string instanceId, CancellationToken ct)
    {
        if (await Client.GetInstanceAsync(instanceId, ct) is null)
        {
            return null;
        }

        try
        {
            return DurableViews.Of(await Client.GetOrchestrationHistoryAsync(instanceId, ct));
        }
        catch (Exception exception) when (CannotTell(exception))
        {
            LogNoHistory(exception);
            return [];
        }
    }

    /// <summary>Not every version of the host's extension tells histories. One that does not answer at all is an outage, and no empty history.</summary>
    private static bool CannotTell(Exception exception) => exception is NotSupportedException or NotImplementedException
        or RpcException { StatusCode: not (StatusCode.Unavailable or StatusCode.DeadlineExceeded or StatusCode.Cancelled) };

    public async Task<bool> TerminateAsync(string instanceId, string reason, CancellationToken ct)
    {
        // With its outputs, of which the custom status is one.
        if (await Client.GetInstanceAsync(instanceId, getInputsAndOutputs: true, ct) is not { IsCompleted: false } found)
        {
            return false;
        }

        await Client.TerminateInstanceAsync(instanceId, ErrorText.Cut(reason), ct);
        foreach (var child in DurableViews.StatusOf(found).Children ?? [])
        {
            await TerminateAsync(child, $"its parent was terminated: {reason}", ct);
        }

        return true;
    }

    public async Task<bool> RaiseEventAsync(string instanceId, string eventName, string payload, CancellationToken ct)
    {
        PayloadTooLargeException.ThrowIfOver($"payload of event {eventName}", payload, DurablePayload.MaxBytes);
        if (!await IsRunningAsync(instanceId, ct))
        {
            return false;
        }

        await Client.RaiseEventAsync(instanceId, eventName, payload, ct);
        return true;
    }

    /// <summary>The input is that of the last run: Durable Functions keeps no other of one that continued as new.</summary>
    public async Task<RerunOutcome> RerunAsync(string instanceId, CancellationToken ct)
    {
        if (await Client.GetInstanceAsync(instanceId, getInputsAndOutputs: true, ct) is not { } found)
        {
            return RerunOutcome.NotFound;
        }

        if (!found.IsCompleted)
        {
            return RerunOutcome.Running;
        }

        await Client.ScheduleNewOrchestrationInstanceAsync(
            found.Name, found.ReadInputAs<string>(), new StartOrchestrationOptions(instanceId), CancellationToken.None);
        return RerunOutcome.Started;
    }

    public Task CheckAsync(CancellationToken ct) => Client.GetInstanceAsync("health", ct); // asks the store

    /// <summary>Forgets instances that ended and were started before <see cref="KeepEnded"/>.</summary>
    public async Task PurgeAsync(CancellationToken ct)
    {
        var filter = new PurgeInstancesFilter(
            CreatedFrom: DateTimeOffset.UnixEpoch,
            CreatedTo: time.GetUtcNow() - KeepEnded,
            [OrchestrationRuntimeStatus.Completed, OrchestrationRuntimeStatus.Failed, OrchestrationRuntimeStatus.Terminated]);
        var purged = await Client.PurgeAllInstancesAsync(filter, ct);
        LogPurged(purged.PurgedInstanceCount);
    }

    private async Task<StartOutcome> StartOnceAsync(string name, string instanceId, string input, StartPolicy policy)
    {
        var taken = policy is StartPolicy.Reject ? StartOutcome.Rejected : StartOutcome.Accepted;
        var options = new StartOrchestrationOptions(instanceId);
        if (await Client.GetInstanceAsync(instanceId, CancellationToken.None) is { } existing)
        {
            if (policy is not StartPolicy.Replace)
            {
                return taken;
            }

            if (!existing.IsCompleted)
            {
                await TerminateAsync(instanceId, "replaced by a new start", CancellationToken.None);
                await Client.WaitForInstanceCompletionAsync(instanceId, CancellationToken.None);
            }

            await Client.ScheduleNewOrchestrationInstanceAsync(name, input, options, CancellationToken.None);
            return StartOutcome.Replaced;
        }

        try
        {
            options = options.WithDedupeStatuses([.. StartOrchestrationOptionsExtensions.ValidDedupeStatuses]);
            await Client.ScheduleNewOrchestrationInstanceAsync(name, input, options, CancellationToken.None);
            return StartOutcome.Started;
        }
        catch (OrchestrationAlreadyExistsException)
        {
            return taken;
        }
    }

    private async Task<bool> IsRunningAsync(string instanceId, CancellationToken ct) =>
        await Client.GetInstanceAsync(instanceId, ct) is { IsCompleted: false };

    [LoggerMessage(LogLevel.Information, "Purged {Instances} orchestration instances")]
    private partial void LogPurged(int instances);

    [LoggerMessage(LogLevel.Information, "This host does not tell the history of an instance")]
    private partial void LogNoHistory(Exception exception);
}

internal static class DurableOrchestrationServices
{
    public static IServiceCollection AddDurableOrchestrations(this IServiceCollection services) => services
        .AddSingleton<DurableHandlers>()
        .AddSingleton<DurableOrchestrator>()
        .AddSingleton<IOrchestrator>(static provider => provider.GetRequiredService<DurableOrchestrator>());
}
