using Backend.Orchestrations;

namespace Backend.Media;

/// <summary>Asks the application's moderators. Without any, nobody calls it.</summary>
internal sealed class ModerateImage(UploadedFile uploads, MediaRecords records, IEnumerable<IMediaModerator> moderators)
    : IActivity<ModerateImageInput, ModerationResult>
{
    public static ActivityDefinition<ModerateImageInput, ModerationResult> Definition { get; } = new(
        nameof(ModerateImage), ProcessingJsonContext.Default.ModerateImageInput, ProcessingJsonContext.Default.ModerationResult);

    public async Task<ModerationResult> RunAsync(ModerateImageInput input, CancellationToken ct)
    {
        var (scope, id) = UploadedFile.Parse(input.Image);
        using var file = await uploads.OpenAsync(input.Image, ct);
        if (file is null || await records.FindAsync(scope, id, ct) is not { Deleted: false } record)
        {
            return new ModerationResult(null); // replaced or deleted: saving finds that, too
        }

        var media = new MediaToReview(
            id.Value, scope.Value, record.Owner, MediaDetails.Read(record).ContentType, input.Width, input.Height, file.Path);
        foreach (var moderator in moderators)
        {
            if (await moderator.ReviewAsync(media, ct) is ModerationVerdict.Rejected rejected)
            {
                return new ModerationResult(new Rejection(MediaReasons.Rejected, rejected.Detail));
            }
        }

        return new ModerationResult(null);
    }
}

internal sealed record ModerateImageInput(ProcessImageInput Image, int Width, int Height);

internal sealed record ModerationResult(Rejection? Rejection);
