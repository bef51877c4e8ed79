using Backend.Media;

namespace Functions.Tests.Docs;

public sealed class NoScreenshots : IMediaModerator
{
    public Task<ModerationVerdict> ReviewAsync(MediaToReview media, CancellationToken ct) => Task.FromResult<ModerationVerdict>(
        media is { ContentType: "image/png", Width: 1170, Height: 2532 }
            ? new ModerationVerdict.Rejected("Please take a photo instead of a screenshot.")
            : new ModerationVerdict.Approved());
}
