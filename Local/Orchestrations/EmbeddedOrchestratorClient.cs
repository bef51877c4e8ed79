using System.Globalization;
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
    public async Task<StartOutcome> StartAsync(
        string orchestration, string instanceId, string input, StartPolicy policy, CancellationToken ct)
    {
        OrchestrationInstanceId.ThrowIfInvalid(instanceId);
        if (!registry.TryGetOrchestration(orchestration, out _))
        {
            throw new ArgumentException($"no orchestration {orchestration} is registered", nameof(orchestration));
        }

        PayloadTooLargeException.ThrowIfOver(
            $"input of orchestration {orchestration}", input, options.Value.MaxPayloadBytes);
        var start = new HistoryEvent.Started(orchestration, input);
        var (outcome, woken) = await store.StartAsync(instanceId, start, policy, time.GetUtcNow(), ct);
        woken.ForEach(wakeUps.Instances.Add);
        return outcome;
    }

    public Task<OrchestrationInstance?> FindAsync(string instanceId, CancellationToken ct) =>
        Task.FromResult(store.Find(instanceId));

    public Task<OrchestrationPage> ListAsync(OrchestrationQuery query, CancellationToken ct)
    {
        var after = query.After is { } position ? ParsePosition(position) : null;
        var items = store.List(query, after);
        var next = items.Count < query.Limit
            ? null
            : string.Create(
                CultureInfo.InvariantCulture, $"{items[^1].CreatedAt.ToUnixTimeMilliseconds()} {items[^1].InstanceId}");
        return Task.FromResult(new OrchestrationPage(items, next));
    }

    public Task<IReadOnlyList<OrchestrationHistoryEvent>?> GetHistoryAsync(string instanceId, CancellationToken ct) =>
        Task.FromResult<IReadOnlyList<OrchestrationHistoryEvent>?>(
            store.ReadHistory(instanceId) is { } history ? HistoryView.Of(history) : null);

    public async Task<bool> TerminateAsync(string instanceId, string reason, CancellationToken ct)
    {
        var woken = await store.TerminateAsync(instanceId, ErrorText.Cut(reason), time.GetUtcNow(), ct);
        woken?.ForEach(wakeUps.Instances.Add);
        return woken is not null;
    }

    public async Task<bool> RaiseEventAsync(string instanceId, string eventName, string payload, CancellationToken ct)
    {
        PayloadTooLargeException.ThrowIfOver($"payload of event {eventName}", payload, options.Value.MaxPayloadBytes);
        var raised = await store.RaiseEventAsync(instanceId, new HistoryEvent.EventRaised(null, eventName, payload), ct);
        if (raised)
        {
            wakeUps.Instances.Add(instanceId);
        }

        return raised;
    }

    public async Task<RerunOutcome> RerunAsync(string instanceId, CancellationToken ct)
    {
        var outcome = await store.RerunAsync(instanceId, time.GetUtcNow(), ct);
        if (outcome is RerunOutcome.Started)
        {
            wakeUps.Instances.Add(instanceId);
        }

        return outcome;
    }

    public Task CheckAsync(CancellationToken ct)
    {
        // A look-up touches the file, the schema and a reader's connection.
        store.Find("");
        return Task.CompletedTask;
    }

    private static (DateTimeOffset CreatedAt, string Id)? ParsePosition(string position) =>
        position.Split(' ', 2) is [var time, var id]
        && long.TryParse(time, CultureInfo.InvariantCulture, out var milliseconds)
            ? (DateTimeOffset.FromUnixTimeMilliseconds(milliseconds), id)
            : throw new ArgumentException($"'{position}' is no position in a list of instances", nameof(position));
}
