using System.Text.Json;

namespace Backend.Orchestrations;

/// <summary>Starts, watches and steers durable work: the embedded engine, or Durable Functions.</summary>
public interface IOrchestrator
{
    /// <summary>
    /// Starts an instance under an id that is unique among all orchestrations, see <see cref="OrchestrationInstanceId"/>.
    /// When this returns, the instance survives every crash.
    /// </summary>
    /// <param name="orchestration">The name of what to run; registered with <c>AddOrchestration</c>.</param>
    /// <param name="instanceId">Taken from its start until its record is purged, whatever becomes of it.</param>
    /// <param name="input">What it is run with, as JSON.</param>
    /// <param name="policy">What to do when the id is taken.</param>
    /// <param name="ct">Gives up only before the start is queued.</param>
    /// <exception cref="ArgumentException">The id is not one, or no such orchestration is registered.</exception>
    /// <exception cref="PayloadTooLargeException">The input is over the engine's limit.</exception>
    Task<StartOutcome> StartAsync(
        string orchestration, string instanceId, string input, StartPolicy policy, CancellationToken ct);

    /// <summary>The instance as it is now; null when there is none with this id.</summary>
    Task<OrchestrationInstance?> FindAsync(string instanceId, CancellationToken ct);

    /// <summary>Instances, the newest first.</summary>
    Task<OrchestrationPage> ListAsync(OrchestrationQuery query, CancellationToken ct);

    /// <summary>What happened to an instance in its present run, oldest first; null when there is no such instance.</summary>
    Task<IReadOnlyList<OrchestrationHistoryEvent>?> GetHistoryAsync(string instanceId, CancellationToken ct);

    /// <summary>
    /// Ends an instance and those that it called. Their activities that run now run to their end; no other is begun.
    /// </summary>
    /// <param name="instanceId">The instance.</param>
    /// <param name="reason">Kept as its error.</param>
    /// <param name="ct">Gives up only before the change is queued.</param>
    /// <returns>False when there is no such instance, or it has ended.</returns>
    Task<bool> TerminateAsync(string instanceId, string reason, CancellationToken ct);

    /// <summary>Hands an event to an instance, which keeps it until it waits for one of that name.</summary>
    /// <param name="instanceId">The instance.</param>
    /// <param name="eventName">As in <see cref="EventDefinition{T}"/>.</param>
    /// <param name="payload">As JSON.</param>
    /// <param name="ct">Gives up only before the change is queued.</param>
    /// <returns>False when there is no such instance, or it has ended.</returns>
    /// <exception cref="PayloadTooLargeException">The payload is over the engine's limit.</exception>
    Task<bool> RaiseEventAsync(string instanceId, string eventName, string payload, CancellationToken ct);

    /// <summary>Runs an ended instance again from the start, with the input that it was started with.</summary>
    Task<RerunOutcome> RerunAsync(string instanceId, CancellationToken ct);

    /// <summary>Throws when the engine cannot answer; asked by the readiness probe.</summary>
    Task CheckAsync(CancellationToken ct);
}

/// <summary>What a start does when its id is taken.</summary>
public enum StartPolicy
{
    /// <summary>Nothing: the work was asked for before, and is or was done.</summary>
    Accept,

    /// <summary>Nothing, and the caller is told that it was refused.</summary>
    Reject,

    /// <summary>Terminates the instance that is there and starts anew.</summary>
    Replace,
}

public enum StartOutcome
{
    /// <summary>The id was free.</summary>
    Started,

    /// <summary>The id was taken; nothing was done.</summary>
    Accepted,

    /// <summary>The id was taken, and the policy was to refuse that.</summary>
    Rejected,

    /// <summary>The id was taken by an instance that made room for this one.</summary>
    Replaced,
}

public enum RerunOutcome
{
    Started,

    NotFound,

    /// <summary>It has not ended.</summary>
    Running,
}

public static class OrchestratorExtensions
{
    /// <summary>Starts an instance of an orchestration that is known by its definition.</summary>
    /// <inheritdoc cref="IOrchestrator.StartAsync"/>
    public static Task<StartOutcome> StartAsync<TInput, TOutput>(
        this IOrchestrator orchestrator,
        OrchestrationDefinition<TInput, TOutput> orchestration,
        string instanceId,
        TInput input,
        StartPolicy policy,
        CancellationToken ct) =>
        orchestrator.StartAsync(
            orchestration.Name, instanceId, JsonSerializer.Serialize(input, orchestration.Input), policy, ct);

    /// <summary>
    /// Starts an instance, or does nothing when one with this id was started before, whatever became of it, until its
    /// record is purged.
    /// </summary>
    /// <returns>Whether this call started it.</returns>
    /// <inheritdoc cref="IOrchestrator.StartAsync"/>
    public static async Task<bool> StartAsync<TInput, TOutput>(
        this IOrchestrator orchestrator,
        OrchestrationDefinition<TInput, TOutput> orchestration,
        string instanceId,
        TInput input,
        CancellationToken ct) =>
        await orchestrator.StartAsync(orchestration, instanceId, input, StartPolicy.Accept, ct) is StartOutcome.Started;

    /// <inheritdoc cref="IOrchestrator.RaiseEventAsync"/>
    public static Task<bool> RaiseEventAsync<T>(
        this IOrchestrator orchestrator,
        string instanceId,
        EventDefinition<T> definition,
        T payload,
        CancellationToken ct) =>
        orchestrator.RaiseEventAsync(
            instanceId, definition.Name, JsonSerializer.Serialize(payload, definition.Payload), ct);
}
