using Backend.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Backend.Sync;

internal static class SyncServices
{
    public static IServiceCollection AddSync(this IServiceCollection services)
    {
        services.AddOptions<SyncOptions>().BindConfiguration("Sync").ValidateOnStart();
        return services
            .AddSingleton<IValidateOptions<SyncOptions>, SyncOptionsValidator>()
            .AddSingleton<CursorCodec>()
            .AddSingleton<PullChanges>()
            .AddJsonContext(SyncJsonContext.Default);
    }
}
