namespace Backend.Orchestrations;

/// <summary>Starts and watches durable work: the embedded engine, or Durable Functions.</summary>
public interface IOrchestrator
{
    /// <summary>
    /// Starts an instance, or does nothing when one with this id was started before, whatever became of it, until its
    /// record is purged. When this returns, the instance survives every crash.
    /// </summary>
    /// <param name="orchestration">What to run; registered with <c>AddOrchestration</c>.</param>
    /// <param name="instanceId">Unique among all orchestrations; see <see cref="OrchestrationInstanceId"/>.</param>
    /// <param name="input">What it is run with.</param>
    /// <param name="ct">Gives up only before the start is queued.</param>
    /// <returns>Whether this call started it.</returns>
    /// <exception cref="ArgumentException">The id is not one, or no such orchestration is registered.</exception>
    /// <exception cref="PayloadTooLargeException">The input is over the engine's limit.</exception>
    Task<bool> StartAsync<TInput, TOutput>(
        OrchestrationDefinition<TInput, TOutput> orchestration, string instanceId, TInput input, CancellationToken ct);

    /// <summary>The instance as it is now; null when there is none with this id.</summary>
    Task<OrchestrationInstance?> FindAsync(string instanceId, CancellationToken ct);

    /// <summary>Throws when the engine cannot answer; asked by the readiness probe.</summary>
    Task CheckAsync(CancellationToken ct);
}

/// <param name="InstanceId">The id it was started under.</param>
/// <param name="Name">The orchestration's name.</param>
/// <param name="State">Where it stands.</param>
/// <param name="CreatedAt">When it was started.</param>
/// <param name="UpdatedAt">When it last made a step.</param>
/// <param name="Output">Its result as JSON once completed.</param>
/// <param name="Error">Type and message of what it threw once failed.</param>
public sealed record OrchestrationInstance(
    string InstanceId,
    string Name,
    OrchestrationState State,
    DateTimeOffset CreatedAt,
    DateTimeOffset UpdatedAt,
    string? Output,
    string? Error);

public enum OrchestrationState
{
    Pending,
    Running,
    Completed,
    Failed,
}
