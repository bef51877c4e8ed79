using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.DependencyInjection;

namespace Backend.Hooks;

public static class HookServices
{
    /// <summary>Registers a hook; one instance serves all requests at once.</summary>
    public static IServiceCollection AddRecordHook<
        [DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] THook>(this IServiceCollection services)
        where THook : class, IRecordHook => services.AddSingleton<IRecordHook, THook>();
}
