using Backend.Media;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Local.Images;

public static class LibvipsServices
{
    /// <summary>Images are decoded by libvips. The host calls <see cref="LibvipsLibrary.Load"/> first, at start.</summary>
    public static IServiceCollection AddLibvips(this IServiceCollection services)
    {
        services.TryAddSingleton<IImageEngine>(_ => new LibvipsImageEngine(Environment.ProcessorCount));
        return services;
    }
}
