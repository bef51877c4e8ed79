using Backend.Configuration;
using Backend.Orchestrations;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace Local.Orchestrations;

internal static class EmbeddedOrchestrationServices
{
    /// <summary>
    /// Runs orchestrations in this process, on the registered <see cref="Sqlite.SqliteDatabase"/>, with what
    /// <c>AddOrchestration</c> and <c>AddActivity</c> registered, before or after.
    /// </summary>
    public static IServiceCollection AddEmbeddedOrchestrations(this IServiceCollection services)
    {
        services.AddOptions<OrchestrationOptions>().BindConfiguration(OrchestrationOptions.Section).ValidateOnStart();
        services.TryAddSingleton<IValidateOptions<OrchestrationOptions>, OrchestrationOptionsValidator>();
        services.AddKnownSection(
            OrchestrationOptions.Section, nameof(OrchestrationOptions.MaxConcurrentActivities),
            nameof(OrchestrationOptions.MaxConcurrentByActivity), nameof(OrchestrationOptions.MaxPayloadBytes),
            nameof(OrchestrationOptions.MaxHistoryEvents), nameof(OrchestrationOptions.ActivityTimeout),
            nameof(OrchestrationOptions.KeepEnded), nameof(OrchestrationOptions.TakeOverAfter));
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<OrchestrationRegistry>();
        services.AddLogging();
        services.AddSingleton<WakeUps>();
        services.AddSingleton<OrchestrationStore>();
        services.AddSingleton<EngineFence>();
        services.AddSingleton<EngineLease>();
        services.AddSingleton<StepStore>();
        services.AddSingleton<TaskStore>();
        services.AddSingleton<StepWorker>();
        services.AddSingleton<ActivityWorker>();
        services.AddSingleton<TimerWorker>();
        services.AddSingleton<Housekeeping>();
        services.AddSingleton<IOrchestrator, EmbeddedOrchestratorClient>();
        return services.AddHostedService<EmbeddedOrchestrator>();
    }
}
