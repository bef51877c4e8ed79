using System.Security.Cryptography;
using System.Text;
using Backend.Model;
using Backend.Orchestrations;
using Microsoft.Extensions.Options;

namespace Backend.Media;

/// <summary>Makes one rendition. Running it again writes the same blob again.</summary>
internal sealed class RenderPreset(
    UploadedFile uploads, IMediaStore store, IImageEngine engine, AppModel model, IOptions<MediaOptions> options)
    : IActivity<RenderPresetInput, RenderPresetOutput>
{
    public static ActivityDefinition<RenderPresetInput, RenderPresetOutput> Definition { get; } = new(
        nameof(RenderPreset), ProcessingJsonContext.Default.RenderPresetInput, ProcessingJsonContext.Default.RenderPresetOutput);

    public async Task<RenderPresetOutput> RunAsync(RenderPresetInput input, CancellationToken ct)
    {
        using var file = await uploads.OpenAsync(input.Image, ct);
        if (file is null || !model.Presets.TryGetValue(input.Preset, out var spec))
        {
            return new RenderPresetOutput(null, null); // replaced, or the preset is gone from the model: nothing to show
        }

        var (scope, id) = UploadedFile.Parse(input.Image);
        try
        {
            // Bounded by the preset's box, unlike the source; the store wants to read it from the start.
            using var output = new MemoryStream();
            var image = await engine.RenderAsync(file.Path, spec, options.Value.Limits, output, ct);
            output.Position = 0;
            var version = $"{input.Version}.{Fingerprint(spec)}";
            var name = BlobName.ForRendition(scope, id, version, input.Preset);
            await store.WriteAsync(name, output, ImageFormats.ContentTypeOf(spec.Format), ct);
            return new RenderPresetOutput(
                new Rendition(input.Preset, ImageFormats.NameOf(spec.Format), image.Width, image.Height, image.Size, version), null);
        }
        catch (ImageRejectedException exception)
        {
            return new RenderPresetOutput(null, new Rejection(MediaReasons.Of(exception.Fault), exception.Message));
        }
    }

    /// <summary>Eight hex digits that change when the preset does.</summary>
    private static string Fingerprint(RenditionSpec spec) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(spec.ToString())))[..8];
}
