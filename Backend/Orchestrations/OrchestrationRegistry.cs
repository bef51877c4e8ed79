using System.Collections.Frozen;
using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;

namespace Backend.Orchestrations;

/// <summary>An orchestration as engines run it: JSON in, JSON out.</summary>
/// <param name="Name">Its definition's.</param>
/// <param name="RunAsync">Runs its code.</param>
/// <param name="CheckInput">Throws a <see cref="JsonException"/> for what it cannot take as its input.</param>
public sealed record OrchestrationHandler(
    string Name, Func<OrchestrationContext, string, Task<string>> RunAsync, Action<string> CheckInput);

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
        return services.AddSingleton(new OrchestrationHandler(definition.Name, RunAsync, CheckInput));

        async Task<string> RunAsync(OrchestrationContext context, string json)
        {
            var input = JsonSerializer.Deserialize(json, definition.Input);
            // Inputs are written from the same type, or checked against it, so null appears only where TInput allows it.
            var output = await new TOrchestration().RunAsync(context, input!);
            return JsonSerializer.Serialize(output, definition.Output);
        }

        void CheckInput(string json)
        {
            // No type of an input is nullable by design; a reference type would take the null that says nothing was sent.
            if (JsonSerializer.Deserialize(json, definition.Input) is null)
            {
                throw new JsonException("required: input", "$", null, null);
            }
        }
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
