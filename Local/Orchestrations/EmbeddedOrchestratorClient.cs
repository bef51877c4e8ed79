using System.Text.Json;
using Backend.Orchestrations;
using Microsoft.Extensions.Options;

namespace Local.Orchestrations;

/// <summary>The embedded engine as the product sees it.</summary>
internal sealed class EmbeddedOrchestratorClient(
    OrchestrationStore store,
    OrchestrationRegistry registry,
    WakeUps wakeUps,
    IOptions<OrchestrationOptions> options,
    TimeProvider time) : IOrchestrator
{
    public async Task<bool> StartAsync<TInput, TOutput>(
        OrchestrationDefinition<TInput, TOutput> orchestration, string instanceId, TInput input, CancellationToken ct)
    {
        OrchestrationInstanceId.ThrowIfInvalid(instanceId);
        if (!registry.TryGetOrchestration(orchestration.Name, out _))
        {
            throw new ArgumentException($"no orchestration {orchestration.Name} is registered", nameof(orchestration));
        }

        var json = JsonSerializer.Serialize(input, orchestration.Input);
        PayloadTooLargeException.ThrowIfOver(
            $"input of orchestration {orchestration.Name}", json, options.Value.MaxPayloadBytes);
        var start = new HistoryEvent.Started(orchestration.Name, json);
        var started = await store.StartAsync(instanceId, start, time.GetUtcNow(), ct);
        if (started)
        {
            wakeUps.Instances.Add(instanceId);
        }

        return started;
    }

    public Task<OrchestrationInstance?> FindAsync(string instanceId, CancellationToken ct) =>
        Task.FromResult(store.Find(instanceId));

    public Task CheckAsync(CancellationToken ct)
    {
        // A look-up touches the file, the schema and a reader's connection.
        store.Find("");
        return Task.CompletedTask;
    }
}
