using Backend.Orchestrations;

namespace Functions.Tests.CrashHost;

/// <summary>What people do to instances, of this life and of earlier ones; each promise is told once it is kept.</summary>
internal sealed class Steering(IOrchestrator orchestrator, Func<string, Task> tellAsync)
{
    /// <summary>Runs some of those that completed again, and terminates some that never end by themselves.</summary>
    public async Task SomeAsync()
    {
        var completed = await ListAsync(OrchestrationState.Completed, Walk.Definition.Name);
        foreach (var id in Some(completed.Where(static id => id.Contains("-again-", StringComparison.Ordinal) && !id.Contains(':', StringComparison.Ordinal)), 3))
        {
            if (await orchestrator.RerunAsync(id, CancellationToken.None) is RerunOutcome.Started)
            {
                await tellAsync($"rerun {id}");
            }
        }

        await TerminateAsync(Some(await ListAsync(OrchestrationState.Running, Doomed.Definition.Name), 2));
    }

    /// <summary>Terminates all that never end by themselves.</summary>
    public async Task EndAllAsync()
    {
        await TerminateAsync(await ListAsync(OrchestrationState.Running, Doomed.Definition.Name));
        await TerminateAsync(await ListAsync(OrchestrationState.Pending, Doomed.Definition.Name));
    }

    private static string[] Some(IEnumerable<string> ids, int count)
    {
        var all = ids.ToArray();
        Random.Shared.Shuffle(all);
        return all[..Math.Min(count, all.Length)];
    }

    private async Task TerminateAsync(IEnumerable<string> ids)
    {
        foreach (var id in ids)
        {
            if (await orchestrator.TerminateAsync(id, "enough", CancellationToken.None))
            {
                await tellAsync($"terminated {id}");
            }
        }
    }

    private async Task<IReadOnlyList<string>> ListAsync(OrchestrationState state, string name)
    {
        var page = await orchestrator.ListAsync(new OrchestrationQuery(state, name, Limit: 200), CancellationToken.None);
        return [.. page.Items.Select(static instance => instance.InstanceId)];
    }
}
