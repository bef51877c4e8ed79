using System.Collections.Frozen;
using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;

namespace Backend.Orchestrations;

/// <summary>An orchestration as engines run it: JSON in, JSON out.</summary>
public sealed record OrchestrationHandler(string Name, Func<OrchestrationContext, string, Task<string>> RunAsync);

/// <summary>An activity as engines run it: JSON in, JSON out.</summary>
public sealed record ActivityHandler(
    string Name, Func<IServiceProvider, string, CancellationToken, Task<string>> RunAsync);

/// <summary>All orchestrations and activities by name.</summary>
public sealed class OrchestrationRegistry(
    IEnumerable<OrchestrationHandler> orchestrations, IEnumerable<ActivityHandler> activities)
{
    private readonly FrozenDictionary<string, OrchestrationHandler> _orchestrations =
        orchestrations.ToFrozenDictionary(handler => handler.Name, StringComparer.Ordinal);

    private readonly FrozenDictionary<string, ActivityHandler> _activities =
        activities.ToFrozenDictionary(handler => handler.Name, StringComparer.Ordinal);

    public bool TryGetOrchestration(string name, [NotNullWhen(true)] out OrchestrationHandler? handler) =>
        _orchestrations.TryGetValue(name, out handler);

    public bool TryGetActivity(string name, [NotNullWhen(true)] out ActivityHandler? handler) =>
        _activities.TryGetValue(name, out handler);
}

public static class OrchestrationServices
{
    public static IServiceCollection AddOrchestration<TOrchestration, TInput, TOutput>(this IServiceCollection services)
        where TOrchestration : class, IOrchestration<TInput, TOutput>, new()
    {
        var definition = TOrchestration.Definition;
        return services.AddSingleton(new OrchestrationHandler(definition.Name, async (context, json) =>
        {
            var input = JsonSerializer.Deserialize(json, definition.Input);
            // Inputs are written by StartAsync from the same type, so null appears only where TInput allows it.
            var output = await new TOrchestration().RunAsync(context, input!);
            return JsonSerializer.Serialize(output, definition.Output);
        }));
    }

    public static IServiceCollection AddActivity<
        [DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] TActivity, TInput, TOutput>(
        this IServiceCollection services)
        where TActivity : class, IActivity<TInput, TOutput>
    {
        var definition = TActivity.Definition;
        services.AddScoped<TActivity>();
        return services.AddSingleton(new ActivityHandler(definition.Name, async (provider, json, ct) =>
        {
            var input = JsonSerializer.Deserialize(json, definition.Input);
            // As above: null only where TInput allows it.
            var output = await provider.GetRequiredService<TActivity>().RunAsync(input!, ct);
            return JsonSerializer.Serialize(output, definition.Output);
        }));
    }
}
