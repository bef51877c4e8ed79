using System.Diagnostics.CodeAnalysis;
using Backend.Records;
using Functions.Http;
using Functions.Orchestrations;
using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask.Client;

namespace Functions.Triggers;

/// <summary>What the host does by itself.</summary>
[SuppressMessage("Style", "IDE0060", Justification = "A parameter declares the trigger, whether or not it is read.")]
internal sealed class MaintenanceFunctions(DurableOrchestrator orchestrator, PurgeExpired purge, WarmUp warmUp)
{
    /// <summary>Every hour, not on the hour, when everybody's timers fire.</summary>
    [Function("PurgeHistory")]
    public Task PurgeHistory(
        [TimerTrigger("0 17 * * * *")] TimerInfo timer, [DurableClient] DurableTaskClient client, CancellationToken ct)
    {
        orchestrator.Use(client);
        return orchestrator.PurgeAsync(ct);
    }

    /// <summary>Cosmos DB removes what has expired by itself; another store needs to be told.</summary>
    [Function("PurgeRecords")]
    public Task PurgeRecords([TimerTrigger("0 47 * * * *")] TimerInfo timer, CancellationToken ct) => purge.ExecuteAsync(ct);

    /// <summary>Runs on an instance that is added under load, before it gets requests.</summary>
    [Function("WarmUp")]
    public Task WarmUp(
        [WarmupTrigger] object instance, FunctionContext context, [DurableClient] DurableTaskClient client, CancellationToken ct)
    {
        orchestrator.Use(client);
        return warmUp.RunAsync(context.InstanceServices, ct);
    }
}
