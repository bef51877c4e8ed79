using System.Security.Cryptography;
using System.Text;
using Backend.Model;
using Backend.Orchestrations;
using Microsoft.Extensions.Options;

namespace Backend.Media;

/// <summary>Makes several renditions of one decoding. Running it again writes the same blobs again.</summary>
internal sealed class RenderPresets(
    UploadedFile uploads, IMediaStore store, IImageEngine engine, AppModel model, IOptions<MediaOptions> options)
    : IActivity<RenderPresetsInput, RenderPresetsOutput>
{
    public static ActivityDefinition<RenderPresetsInput, RenderPresetsOutput> Definition { get; } = new(
        nameof(RenderPresets), ProcessingJsonContext.Default.RenderPresetsInput, ProcessingJsonContext.Default.RenderPresetsOutput);

    public async Task<RenderPresetsOutput> RunAsync(RenderPresetsInput input, CancellationToken ct)
    {
        // A preset that is gone from the model is nothing to show.
        var presets = input.Presets.Where(model.Presets.ContainsKey).ToList();
        using var file = await uploads.OpenAsync(input.Image, ct);
        if (file is null || presets.Count == 0)
        {
            return new RenderPresetsOutput([], null); // replaced
        }

        // Bounded by the presets' boxes, unlike the source; the store wants to read them from the start.
        var outputs = presets.Select(static _ => new MemoryStream()).ToList();
        try
        {
            var specs = presets.Select(preset => model.Presets[preset]).ToList();
            var images = await engine.RenderAllAsync(file.Path, specs, outputs, options.Value.Limits, ct);
            var renditions = new List<Rendition>();
            for (var i = 0; i < presets.Count; i++)
            {
                renditions.Add(await WriteAsync(input, presets[i], specs[i], images[i], outputs[i], ct));
            }

            return new RenderPresetsOutput(renditions, null);
        }
        catch (ImageRejectedException exception)
        {
            return new RenderPresetsOutput([], new Rejection(MediaReasons.Of(exception.Fault), exception.Message));
        }
        finally
        {
            outputs.ForEach(static output => output.Dispose());
        }
    }

    private async Task<Rendition> WriteAsync(
        RenderPresetsInput input, string preset, RenditionSpec spec, EncodedImage image, MemoryStream output, CancellationToken ct)
    {
        var (scope, id) = UploadedFile.Parse(input.Image);
        var version = $"{input.Version}.{Fingerprint(spec)}";
        output.Position = 0;
        await store.WriteAsync(
            BlobName.ForRendition(scope, id, version, preset), output, ImageFormats.ContentTypeOf(spec.Format), ct);
        return new Rendition(preset, ImageFormats.NameOf(spec.Format), image.Width, image.Height, image.Size, version);
    }

    /// <summary>Eight hex digits that change when the preset does.</summary>
    private static string Fingerprint(RenditionSpec spec) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(spec.ToString())))[..8];
}
