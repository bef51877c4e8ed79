using System.Text.Json.Serialization;
using Backend.Orchestrations;

namespace Backend.Media;

/// <summary>
/// What becomes of an upload: inspected, then all renditions and the placeholder in parallel, then the record says that
/// it is ready, or why not.
/// </summary>
public sealed class ProcessImage : IOrchestration<ProcessImageInput, ProcessImageOutput>
{
    private static readonly RetryPolicy Retry = new(5, TimeSpan.FromSeconds(1), MaxDelay: TimeSpan.FromSeconds(30));

    /// <summary>
    /// The result must reach the record, or clients wait for ever: a store that is away for hours only delays it.
    /// </summary>
    internal static readonly RetryPolicy SaveRetry = new(100, TimeSpan.FromSeconds(1), MaxDelay: TimeSpan.FromMinutes(5));

    /// <summary>One decoding serves so many presets; a failure repeats so many.</summary>
    private const int PresetsAtOnce = 8;

    private const int MaxParallel = 2;

    public static OrchestrationDefinition<ProcessImageInput, ProcessImageOutput> Definition { get; } = new(
        nameof(ProcessImage), ProcessingJsonContext.Default.ProcessImageInput, ProcessingJsonContext.Default.ProcessImageOutput);

    public async Task<ProcessImageOutput> RunAsync(OrchestrationContext context, ProcessImageInput input)
    {
        ImageResult result;
        try
        {
            var inspection = await context.CallActivityAsync(InspectUpload.Definition, input, Retry);
            if (inspection.IsSuperseded)
            {
                return new ProcessImageOutput("superseded");
            }

            var rejection = inspection.Rejection ?? await ModerateAsync(context, input, inspection);
            result = rejection is not null
                ? new ImageResult(input, inspection, Rejection: rejection)
                : await RenderAsync(context, input, inspection);
        }
        catch (ActivityFailedException exception)
        {
            result = new ImageResult(input, Rejection: new Rejection(MediaReasons.ProcessingFailed, exception.Message));
        }

        await context.CallActivityAsync(SaveImage.Definition, result, SaveRetry);
        return new ProcessImageOutput(result.Rejection is null ? "ready" : result.Rejection.Reason);
    }

    private static async Task<Rejection?> ModerateAsync(
        OrchestrationContext context, ProcessImageInput input, UploadInspection inspection) => inspection.IsModerated
        ? (await context.CallActivityAsync(
            ModerateImage.Definition, new ModerateImageInput(input, inspection.Width, inspection.Height), Retry)).Rejection
        : null;

    private static async Task<ImageResult> RenderAsync(
        OrchestrationContext context, ProcessImageInput input, UploadInspection inspection)
    {
        // The presets come from the recorded inspection, not from the model, which may change between two replays.
        var renders = context.ForEachAsync(
            [.. inspection.Presets.Chunk(PresetsAtOnce)], MaxParallel,
            presets => context.CallActivityAsync(
                RenderPresets.Definition, new RenderPresetsInput(input, inspection.Version, presets), Retry));
        var description = await context.CallActivityAsync(DescribeImage.Definition, input, Retry);
        var rendered = await renders;
        var rejection = description.Rejection ?? rendered.FirstOrDefault(render => render.Rejection is not null)?.Rejection;
        return new ImageResult(
            input, inspection, description, [.. rendered.SelectMany(render => render.Renditions)], rejection);
    }
}

/// <param name="Scope">The media record's scope.</param>
/// <param name="MediaId">The media record's id.</param>
/// <param name="UploadETag">Which upload of it.</param>
/// <param name="Reprocess">Set when what is there is made anew: which time.</param>
public sealed record ProcessImageInput(string Scope, string MediaId, string UploadETag, string? Reprocess = null);

/// <param name="Result"><c>ready</c>, <c>superseded</c> by a later upload, or the reason of failure.</param>
public sealed record ProcessImageOutput(string Result);

/// <summary>Why an upload is refused; a result, not an error: trying again would not help.</summary>
internal sealed record Rejection(string Reason, string Detail);

internal sealed record UploadInspection
{
    /// <summary>A later upload has replaced this one, or the record is gone.</summary>
    public bool IsSuperseded { get; init; }

    /// <summary>Set when the upload is no image that is accepted.</summary>
    public Rejection? Rejection { get; init; }

    /// <summary>Names the content.</summary>
    public string Version { get; init; } = "";

    /// <summary>SHA-256 of the content in lower-case hex.</summary>
    public string? ContentHash { get; init; }

    /// <summary>A media record that has the same content.</summary>
    public string? DuplicateOf { get; init; }

    /// <summary>Displayed width in pixels.</summary>
    public int Width { get; init; }

    /// <summary>Displayed height in pixels.</summary>
    public int Height { get; init; }

    /// <summary>Whether there is transparency.</summary>
    public bool HasAlpha { get; init; }

    /// <summary>1 for a still image.</summary>
    public int Frames { get; init; }

    /// <summary>What its metadata tell.</summary>
    public PhotoFacts? Photo { get; init; }

    /// <summary>Whether the application wants to review it.</summary>
    public bool IsModerated { get; init; }

    /// <summary>What to render.</summary>
    public IReadOnlyList<string> Presets { get; init; } = [];
}

internal sealed record RenderPresetsInput(ProcessImageInput Image, string Version, IReadOnlyList<string> Presets);

internal sealed record RenderPresetsOutput(IReadOnlyList<Rendition> Renditions, Rejection? Rejection);

internal sealed record ImageDescription(string? Placeholder, string? Color, Rejection? Rejection);

internal sealed record ImageResult(
    ProcessImageInput Image,
    UploadInspection? Inspection = null,
    ImageDescription? Description = null,
    IReadOnlyList<Rendition>? Renditions = null,
    Rejection? Rejection = null);

[JsonSerializable(typeof(ProcessImageInput))]
[JsonSerializable(typeof(ProcessImageOutput))]
[JsonSerializable(typeof(UploadInspection))]
[JsonSerializable(typeof(ModerateImageInput))]
[JsonSerializable(typeof(ModerationResult))]
[JsonSerializable(typeof(RenderPresetsInput))]
[JsonSerializable(typeof(RenderPresetsOutput))]
[JsonSerializable(typeof(ImageDescription))]
[JsonSerializable(typeof(ImageResult))]
[JsonSerializable(typeof(bool))]
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
internal sealed partial class ProcessingJsonContext : JsonSerializerContext;
