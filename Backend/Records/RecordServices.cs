using Backend.Hooks;
using Backend.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Backend.Records;

internal static class RecordServices
{
    public static IServiceCollection AddRecords(this IServiceCollection services)
    {
        services.AddOptions<RecordOptions>().BindConfiguration(RecordOptions.Section).ValidateOnStart();
        services.AddOptions<RetentionOptions>().BindConfiguration("Retention").ValidateOnStart();
        return services
            .AddSingleton<IValidateOptions<RecordOptions>, RecordOptionsValidator>()
            .AddSingleton<IValidateOptions<RecordOptions>, RetentionValidator>()
            .AddSingleton<IValidateOptions<RetentionOptions>, RetentionOptionsValidator>()
            .AddSingleton<Retention>()
            .AddSingleton<PurgeExpired>()
            .AddSingleton<ListCursor>()
            .AddSingleton<ListRecords>()
            .AddSingleton<ExpandReferences>()
            .AddSingleton<RecordAccess>()
            .AddSingleton<RecordHooks>()
            .AddSingleton<ReferenceChecks>()
            .AddSingleton<FinishPlan>()
            .AddSingleton<PlanCreate>()
            .AddSingleton<PlanChange>()
            .AddSingleton<CreateRecord>()
            .AddSingleton<CreateRecordOnce>()
            .AddSingleton<ReadRecord>()
            .AddSingleton<ChangeRecord>()
            .AddSingleton<PlanBatch>()
            .AddSingleton<ApplyBatch>()
            .AddSingleton<IdempotencyClaims>()
            .AddJsonContext(BatchJsonContext.Default);
    }
}
