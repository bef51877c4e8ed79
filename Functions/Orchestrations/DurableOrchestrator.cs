using System.Collections.Concurrent;
using System.Text.Json;
using Backend.Orchestrations;
using DurableTask.Core.Exceptions;
using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

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

    private readonly ConcurrentDictionary<string, Lazy<Task<bool>>> _starting = new(StringComparer.Ordinal);
    private DurableTaskClient? _client;

    private DurableTaskClient Client => Volatile.Read(ref _client)
        ?? throw new InvalidOperationException("The function that got here does not bind a durable client");

    /// <summary>
    /// The newest one counts: the host keeps one address for as long as it runs, and gets another when it restarts.
    /// </summary>
    public void Use(DurableTaskClient client) => Volatile.Write(ref _client, client);

    public async Task<bool> StartAsync<TInput, TOutput>(
        OrchestrationDefinition<TInput, TOutput> orchestration, string instanceId, TInput input, CancellationToken ct)
    {
        OrchestrationInstanceId.ThrowIfInvalid(instanceId);
        if (!registry.TryGetOrchestration(orchestration.Name, out _))
        {
            throw new ArgumentException($"no orchestration {orchestration.Name} is registered", nameof(orchestration));
        }

        var json = JsonSerializer.Serialize(input, orchestration.Input);
        PayloadTooLargeException.ThrowIfOver($"input of orchestration {orchestration.Name}", json, DurablePayload.MaxBytes);
        // Between looking and starting, the store lets others look, so those of this process wait for each other. Others
        // are kept apart by the store where it can; where it cannot, an instance starts over, and activities bear that.
        var mine = new Lazy<Task<bool>>(() => StartOnceAsync(orchestration.Name, instanceId, json));
        var first = _starting.GetOrAdd(instanceId, mine);
        try
        {
            return await first.Value.WaitAsync(ct) && ReferenceEquals(first, mine);
        }
        finally
        {
            if (ReferenceEquals(first, mine))
            {
                _starting.TryRemove(instanceId, out _);
            }
        }
    }

    public async Task<OrchestrationInstance?> FindAsync(string instanceId, CancellationToken ct)
    {
        if (await Client.GetInstanceAsync(instanceId, getInputsAndOutputs: true, ct) is not { } found)
        {
            return null;
        }

        var state = StateOf(found.RuntimeStatus);
        return new OrchestrationInstance(
            found.InstanceId,
            found.Name,
            state,
            found.CreatedAt,
            found.LastUpdatedAt,
            state is OrchestrationState.Completed ? found.ReadOutputAs<string>() : null,
            state is OrchestrationState.Failed ? ErrorOf(found) : null);
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

    private async Task<bool> StartOnceAsync(string name, string instanceId, string input)
    {
        if (await Client.GetInstanceAsync(instanceId, CancellationToken.None) is not null)
        {
            return false;
        }

        try
        {
            var options = new StartOrchestrationOptions(instanceId).WithDedupeStatuses(
                [.. StartOrchestrationOptionsExtensions.ValidDedupeStatuses]);
            await Client.ScheduleNewOrchestrationInstanceAsync(name, input, options, CancellationToken.None);
            return true;
        }
        catch (OrchestrationAlreadyExistsException)
        {
            return false;
        }
    }

    private static OrchestrationState StateOf(OrchestrationRuntimeStatus status) => status switch
    {
        OrchestrationRuntimeStatus.Pending => OrchestrationState.Pending,
        OrchestrationRuntimeStatus.Completed => OrchestrationState.Completed,
        OrchestrationRuntimeStatus.Failed or OrchestrationRuntimeStatus.Terminated => OrchestrationState.Failed,
        _ => OrchestrationState.Running, // suspended ones too: they go on when an operator lets them
    };

    /// <summary>
    /// What <see cref="DurableHandlers"/> noted; without a note it was not the orchestration's code that failed.
    /// </summary>
    private static string ErrorOf(OrchestrationMetadata instance) =>
        instance.SerializedCustomStatus is { } status && status.StartsWith('"') && instance.ReadCustomStatusAs<string>() is { } error
            ? error
            : instance.FailureDetails is { } failure ? DurablePayload.ErrorOf(failure) : $"{instance.RuntimeStatus}";

    [LoggerMessage(LogLevel.Information, "Purged {Instances} orchestration instances")]
    private partial void LogPurged(int instances);
}

internal static class DurableOrchestrationServices
{
    public static IServiceCollection AddDurableOrchestrations(this IServiceCollection services) => services
        .AddSingleton<DurableHandlers>()
        .AddSingleton<DurableOrchestrator>()
        .AddSingleton<IOrchestrator>(static provider => provider.GetRequiredService<DurableOrchestrator>());
}
