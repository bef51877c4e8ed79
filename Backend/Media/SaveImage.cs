using Backend.Orchestrations;
using Microsoft.Extensions.Logging;

namespace Backend.Media;

/// <summary>Writes the result on the media record, unless a later upload has taken it over.</summary>
internal sealed partial class SaveImage(MediaRecords records, ILogger<SaveImage> logger) : IActivity<ImageResult, bool>
{
    public static ActivityDefinition<ImageResult, bool> Definition { get; } = new(
        nameof(SaveImage), ProcessingJsonContext.Default.ImageResult, ProcessingJsonContext.Default.Boolean);

    public async Task<bool> RunAsync(ImageResult input, CancellationToken ct)
    {
        var (scope, id) = UploadedFile.Parse(input.Image);
        var saved = await records.ChangeAsync(scope, id, before =>
            before.UploadETag == input.Image.UploadETag ? Apply(before, input) : null, ct);
        if (saved && input.Rejection is { } rejection)
        {
            LogFailed(id.Value, rejection.Reason, rejection.Detail);
        }
        else if (saved)
        {
            LogReady(id.Value, input.Renditions?.Count ?? 0);
        }

        return saved;
    }

    private static MediaDetails Apply(MediaDetails before, ImageResult result) => result.Rejection is { } rejection
        ? before with
        {
            Status = MediaStatus.Failed,
            Reason = rejection.Reason,
            Detail = rejection.Detail,
            // An earlier upload may have left these; they describe what is no longer there.
            Width = null,
            Height = null,
            Version = null,
            Placeholder = null,
            Color = null,
            Renditions = [],
        }
        : before with
        {
            Status = MediaStatus.Ready,
            Width = result.Inspection?.Width,
            Height = result.Inspection?.Height,
            Version = result.Inspection?.Version,
            Placeholder = result.Description?.Placeholder,
            Color = result.Description?.Color,
            Renditions = result.Renditions ?? [],
        };

    [LoggerMessage(LogLevel.Information, "Media {MediaId} is ready with {Renditions} renditions")]
    private partial void LogReady(string mediaId, int renditions);

    [LoggerMessage(LogLevel.Warning, "Media {MediaId} failed: {Reason}: {Detail}")]
    private partial void LogFailed(string mediaId, string reason, string detail);
}
