using Backend.Hooks;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Backend.Records;

internal static class RecordServices
{
    public static IServiceCollection AddRecords(this IServiceCollection services)
    {
        services.AddOptions<RecordOptions>().BindConfiguration(RecordOptions.Section).ValidateOnStart();
        return services
            .AddSingleton<IValidateOptions<RecordOptions>, RecordOptionsValidator>()
            .AddSingleton<ListCursor>()
            .AddSingleton<ListRecords>()
            .AddSingleton<ExpandReferences>()
            .AddSingleton<RecordAccess>()
            .AddSingleton<RecordHooks>()
            .AddSingleton<CreateRecord>()
            .AddSingleton<ReadRecord>()
            .AddSingleton<ChangeRecord>();
    }
}
