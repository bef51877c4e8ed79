using Backend.Hooks;
using Microsoft.Extensions.DependencyInjection;

namespace App;

/// <summary>Your application's own code. Both hosts call this once; register here what belongs to your model.</summary>
public static class AppServices
{
    public static IServiceCollection AddApp(this IServiceCollection services) => services
        .AddRecordHook<OrderPrices>();
}
