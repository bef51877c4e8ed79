using System.Text.Json.Serialization;
using Backend.Configuration;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Backend.Orchestrations.Checks;

/// <summary>
/// Small orchestrations that do nothing but show that the engine of a host keeps its promises: the contract suite starts
/// them through <c>/v1/admin/orchestrations</c>. They touch no data. Off unless a setting asks for them.
/// </summary>
public sealed class OrchestrationCheckOptions
{
    public const string Section = "Orchestrations";

    /// <summary>Whether the check orchestrations can be started.</summary>
    public bool Checks { get; set; }
}

public static class OrchestrationChecks
{
    /// <param name="services">The host's services.</param>
    /// <param name="configuration">Asked now: what is not registered does not exist.</param>
    public static IServiceCollection AddOrchestrationChecks(this IServiceCollection services, IConfiguration configuration)
    {
        // Bound as well, so that a value that is no boolean stops the start as it does everywhere.
        services.AddOptions<OrchestrationCheckOptions>()
            .BindConfiguration(OrchestrationCheckOptions.Section).ValidateOnStart();
        services.AddKnownSection(OrchestrationCheckOptions.Section, nameof(OrchestrationCheckOptions.Checks));
        var setting = configuration[$"{OrchestrationCheckOptions.Section}:{nameof(OrchestrationCheckOptions.Checks)}"];
        return bool.TryParse(setting, out var on) && on ? services.AddOrchestrationChecks() : services;
    }

    internal static IServiceCollection AddOrchestrationChecks(this IServiceCollection services) => services
        .AddSingleton<CheckRuns>()
        .AddActivity<CheckAddOne, int, int>()
        .AddActivity<CheckFlaky, CheckFlakyInput, int>()
        .AddActivity<CheckPause, int, int>()
        .AddActivity<CheckRepeat, int, string>()
        .AddOrchestration<CheckChain, int, int>()
        .AddOrchestration<CheckFanOut, int, int>()
        .AddOrchestration<CheckBoundedFanOut, int, int>()
        .AddOrchestration<CheckRetries, int, int>()
        .AddOrchestration<CheckChoosyRetries, int, int>()
        .AddOrchestration<CheckTimeout, int, int>()
        .AddOrchestration<CheckTimer, int, DateTimeOffset[]>()
        .AddOrchestration<CheckOutput, int, string>()
        .AddOrchestration<CheckInput, string, int>()
        .AddOrchestration<CheckEvent, int, string>()
        .AddOrchestration<CheckEventQueue, int, string>()
        .AddOrchestration<CheckEventRuns, string[], string[]>()
        .AddOrchestration<CheckCalls, int, int>()
        .AddOrchestration<CheckCallRetries, int, int>()
        .AddOrchestration<CheckCallOfEvent, int, string>()
        .AddOrchestration<CheckCountDown, CheckCountDown.State, int>()
        .AddOrchestration<CheckDivergence, int, int>();
}

[JsonSerializable(typeof(int))]
[JsonSerializable(typeof(string))]
[JsonSerializable(typeof(string[]))]
[JsonSerializable(typeof(DateTimeOffset[]))]
[JsonSerializable(typeof(CheckFlakyInput))]
[JsonSerializable(typeof(CheckCountDown.State))]
[JsonSourceGenerationOptions(RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true)]
internal sealed partial class CheckJsonContext : JsonSerializerContext;
