using Backend.Hooks;
using Microsoft.Extensions.DependencyInjection;

namespace Backend.Records;

internal static class RecordServices
{
    public static IServiceCollection AddRecords(this IServiceCollection services) => services
        .AddSingleton<RecordAccess>()
        .AddSingleton<RecordHooks>()
        .AddSingleton<CreateRecord>()
        .AddSingleton<ReadRecord>()
        .AddSingleton<ChangeRecord>();
}
