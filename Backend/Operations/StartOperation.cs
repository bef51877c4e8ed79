using System.Security.Cryptography;
using System.Text;
using Backend.Orchestrations;
using Backend.Records;

namespace Backend.Operations;

/// <summary>
/// Starts durable work on behalf of a user, who can then see by <c>GET /v1/operations/{id}</c> what becomes of it. Others
/// cannot.
/// </summary>
public sealed class StartOperation
{
    internal const string Collection = "$operations";

    /// <summary>Longer than engines keep an instance that has ended.</summary>
    private static readonly TimeSpan Keep = TimeSpan.FromDays(60);

    private readonly IRecordStore _store;
    private readonly IOrchestrator _orchestrator;
    private readonly TimeProvider _time;

    internal StartOperation(IRecordStore store, IOrchestrator orchestrator, TimeProvider time) =>
        (_store, _orchestrator, _time) = (store, orchestrator, time);

    /// <param name="owner">The user's id.</param>
    /// <param name="orchestration">
    /// What to run. The user sees its name, its custom status while it runs and its output, so they hold nothing secret.
    /// </param>
    /// <param name="instanceId">
    /// The instance's id. When it was started before, nothing is done, and the operation is the same.
    /// </param>
    /// <param name="input">What it is run with.</param>
    /// <param name="ct">Gives up only before the start.</param>
    /// <returns>The operation's id.</returns>
    /// <inheritdoc cref="IOrchestrator.StartAsync" path="/exception"/>
    public async Task<string> ExecuteAsync<TInput, TOutput>(
        string owner,
        OrchestrationDefinition<TInput, TOutput> orchestration,
        string instanceId,
        TInput input,
        CancellationToken ct)
    {
        var id = IdOf(instanceId);
        var now = _time.GetUtcNow();
        // First, so that nothing runs that its owner could not ask for.
        await _store.CreateAsync(
            new StoredRecord
            {
                Key = new RecordKey(Scope.ForUser(owner), Collection, id),
                Owner = owner,
                CreatedAt = now,
                UpdatedAt = now,
                ExpiresAt = now + Keep,
                Fields = RecordFields.Write(json => json.WriteString("instance"u8, instanceId)),
            },
            ct);
        await _orchestrator.StartAsync(orchestration, instanceId, input, ct);
        return id.Value;
    }

    /// <summary>Instances' ids say how the work is done, and may have characters that ids of records have not.</summary>
    private static RecordId IdOf(string instanceId) => RecordId.TryParse(
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(instanceId)).AsSpan(0, 16)), out var id)
            ? id
            : throw new InvalidOperationException("A hash is an id.");
}
