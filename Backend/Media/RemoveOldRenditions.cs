using Backend.Orchestrations;
using Microsoft.Extensions.Options;

namespace Backend.Media;

/// <summary>
/// Removes what was made of earlier uploads, or by earlier presets, once no URL that was signed for it is good any more.
/// </summary>
public sealed class RemoveOldRenditions : IOrchestration<RemoveOldRenditionsInput, int>
{
    public static OrchestrationDefinition<RemoveOldRenditionsInput, int> Definition { get; } = new(
        nameof(RemoveOldRenditions), MediaCleanUpJsonContext.Default.RemoveOldRenditionsInput, MediaCleanUpJsonContext.Default.Int32);

    public async Task<int> RunAsync(OrchestrationContext context, RemoveOldRenditionsInput input)
    {
        await context.CreateTimer(input.At);
        return await context.CallActivityAsync(DeleteOldRenditions.Definition, input, DeleteMedia.Retry);
    }
}

/// <param name="Scope">The media record's scope.</param>
/// <param name="MediaId">The media record's id.</param>
/// <param name="At">When the last URL has expired.</param>
public sealed record RemoveOldRenditionsInput(string Scope, string MediaId, DateTimeOffset At);

/// <summary>Deletes every rendition that the record does not name.</summary>
internal sealed class DeleteOldRenditions(MediaRecords records, MediaFiles files) : IActivity<RemoveOldRenditionsInput, int>
{
    public static ActivityDefinition<RemoveOldRenditionsInput, int> Definition { get; } = new(
        nameof(DeleteOldRenditions), MediaCleanUpJsonContext.Default.RemoveOldRenditionsInput, MediaCleanUpJsonContext.Default.Int32);

    public async Task<int> RunAsync(RemoveOldRenditionsInput input, CancellationToken ct)
    {
        var (scope, id) = UploadedFile.Parse(input.Scope, input.MediaId);
        if (await records.FindAsync(scope, id, ct) is not { Deleted: false } record)
        {
            return await files.DeleteRenditionsAsync(scope, id, static _ => true, ct);
        }

        // While another upload is processed, its renditions are not on the record yet; its own clean-up comes later.
        return MediaDetails.Read(record) is { Status: MediaStatus.Ready or MediaStatus.Failed } details
            ? await files.DeleteRenditionsAsync(scope, id, name => !details.Names(name), ct)
            : 0;
    }
}

/// <summary>Starts that clean-up.</summary>
internal sealed class OldRenditions(IOrchestrator orchestrator, IOptions<MediaOptions> options, TimeProvider time)
{
    /// <summary>Once for each upload or reprocessing, however often that is repeated.</summary>
    public Task RemoveLaterAsync(ProcessImageInput image, CancellationToken ct) => orchestrator.StartAsync(
        RemoveOldRenditions.Definition,
        $"clean-media-{ReceiveUpload.InstanceSuffixOf(image)}",
        // A signed URL lives up to two periods.
        new RemoveOldRenditionsInput(image.Scope, image.MediaId, time.GetUtcNow().AddHours(2 * options.Value.ImageUrlHours)),
        ct);
}
