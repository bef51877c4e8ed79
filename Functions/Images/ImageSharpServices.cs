using Backend.Media;
using Backend.Model;
using Microsoft.Extensions.DependencyInjection;

namespace Functions.Images;

internal static class ImageSharpServices
{
    /// <summary>Images are decoded and encoded by ImageSharp, which is managed code and runs wherever .NET does.</summary>
    /// <exception cref="ModelException">A preset asks for a format that ImageSharp cannot write.</exception>
    public static IServiceCollection AddImageSharp(this IServiceCollection services, AppModel model)
    {
        ModelError[] errors =
        [
            .. model.Presets
                .Where(static preset => !ImageWriter.CanWrite(preset.Value.Format))
                .Select(static preset => new ModelError(
                    "media.json", $"$.presets.{preset.Key}.format", "this host writes webp, jpeg and png; avif needs the embedded host")),
        ];
        return errors.Length == 0
            ? services.AddSingleton<IImageEngine>(static _ => new ImageSharpEngine(Environment.ProcessorCount))
            : throw new ModelException(errors);
    }
}
