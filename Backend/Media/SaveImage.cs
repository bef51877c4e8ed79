using Backend.Orchestrations;
using Backend.Records;
using Microsoft.Extensions.Logging;

namespace Backend.Media;

/// <summary>Writes the result on the media record, unless a later upload has taken it over, and clears up what is left over.</summary>
internal sealed partial class SaveImage(
    MediaRecords records, MediaContents contents, MediaFiles files, OldRenditions old, ILogger<SaveImage> logger)
    : IActivity<ImageResult, bool>
{
    public static ActivityDefinition<ImageResult, bool> Definition { get; } = new(
        nameof(SaveImage), ProcessingJsonContext.Default.ImageResult, ProcessingJsonContext.Default.Boolean);

    public async Task<bool> RunAsync(ImageResult input, CancellationToken ct)
    {
        var (scope, id) = UploadedFile.Parse(input.Image);
        var hadOthers = false;
        var saved = await records.ChangeAsync(scope, id, before =>
        {
            hadOthers = before.Version is not null;
            return before.UploadETag == input.Image.UploadETag ? Apply(before, input) : null;
        }, ct);
        if (await records.FindAsync(scope, id, ct) is not { Deleted: false } record)
        {
            await files.DeleteAllAsync(scope, id, ct); // deleted while its renditions were made
            return false;
        }

        if (!saved || hadOthers)
        {
            await old.RemoveLaterAsync(input.Image, ct);
        }

        if (saved)
        {
            await TellAsync(record, input, ct);
        }

        return saved;
    }

    private async Task TellAsync(StoredRecord record, ImageResult input, CancellationToken ct)
    {
        var id = record.Key.Id;
        if (input.Rejection is { } rejection)
        {
            LogFailed(id.Value, rejection.Reason, rejection.Detail);
            return;
        }

        if (input.Inspection?.ContentHash is { } hash)
        {
            await contents.RegisterAsync(record.Key.Scope, record.Owner, hash, id, ct);
        }

        LogReady(id.Value, input.Renditions?.Count ?? 0);
    }

    private static MediaDetails? Apply(MediaDetails before, ImageResult result)
    {
        if (result.Rejection is { } rejection)
        {
            // What is there is good; that it could not be made anew now is no reason to lose it.
            return before.Status is MediaStatus.Ready
                && rejection.Reason is MediaReasons.ProcessingFailed or MediaReasons.Timeout
                ? null
                : Fail(before, rejection);
        }

        return before with
        {
            Status = MediaStatus.Ready,
            Reason = null,
            Detail = null,
            Width = result.Inspection?.Width,
            Height = result.Inspection?.Height,
            HasAlpha = result.Inspection?.HasAlpha is true ? true : null,
            Frames = result.Inspection?.Frames is > 1 and var frames ? frames : null,
            TakenAt = result.Inspection?.Photo?.TakenAt,
            Camera = result.Inspection?.Photo?.Camera,
            Position = result.Inspection?.Photo?.Position,
            Version = result.Inspection?.Version,
            ContentHash = result.Inspection?.ContentHash,
            DuplicateOf = result.Inspection?.DuplicateOf,
            Placeholder = result.Description?.Placeholder,
            Color = result.Description?.Color,
            Renditions = result.Renditions ?? [],
        };
    }

    private static MediaDetails Fail(MediaDetails before, Rejection rejection) => before with
    {
        Status = MediaStatus.Failed,
        Reason = rejection.Reason,
        Detail = rejection.Detail,
        // An earlier upload may have left these; they describe what is no longer there.
        Width = null,
        Height = null,
        HasAlpha = null,
        Frames = null,
        TakenAt = null,
        Camera = null,
        Position = null,
        Version = null,
        ContentHash = null,
        DuplicateOf = null,
        Placeholder = null,
        Color = null,
        Renditions = [],
    };

    [LoggerMessage(LogLevel.Information, "Media {MediaId} is ready with {Renditions} renditions")]
    private partial void LogReady(string mediaId, int renditions);

    [LoggerMessage(LogLevel.Warning, "Media {MediaId} failed: {Reason}: {Detail}")]
    private partial void LogFailed(string mediaId, string reason, string detail);
}
