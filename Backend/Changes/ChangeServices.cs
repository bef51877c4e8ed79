using System.Diagnostics.CodeAnalysis;
using Backend.Orchestrations;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Backend.Changes;

public static class ChangeServices
{
    /// <summary>Has changes of records delivered to a handler, by whichever host runs it.</summary>
    public static IServiceCollection AddRecordChangeHandler<
        [DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] THandler>(
        this IServiceCollection services)
        where THandler : class, IRecordChangeHandler => services.AddSingleton<IRecordChangeHandler, THandler>();

    internal static IServiceCollection AddChanges(this IServiceCollection services)
    {
        services.AddOptions<ChangeOptions>().BindConfiguration(ChangeOptions.Section).ValidateOnStart();
        return services
            .AddSingleton<IValidateOptions<ChangeOptions>, ChangeOptionsValidator>()
            .AddSingleton<DeliverChange>()
            .AddSingleton<WaitingChanges>()
            .AddSingleton(static provider => new DispatchChanges(
                provider.GetServices<IRecordChangeHandler>(),
                provider.GetRequiredService<DeliverChange>(),
                provider.GetRequiredService<WaitingChanges>(),
                provider.GetRequiredService<IOrchestrator>(),
                provider.GetRequiredService<IOptions<ChangeOptions>>(),
                provider.GetRequiredService<ILogger<DispatchChanges>>()))
            .AddOrchestration<DeliverWaitingChanges, WaitingChangesInput, long>()
            .AddActivity<DeliverWaiting, WaitingChangesInput, WaitingChangesResult>();
    }
}
