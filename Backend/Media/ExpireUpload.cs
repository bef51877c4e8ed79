using System.Text.Json.Serialization;
using Backend.Orchestrations;

namespace Backend.Media;

/// <summary>Removes a slot that was never used, some time after its upload URL has expired.</summary>
public sealed class ExpireUpload : IOrchestration<ExpireUploadInput, bool>
{
    public static OrchestrationDefinition<ExpireUploadInput, bool> Definition { get; } = new(
        nameof(ExpireUpload), MediaCleanUpJsonContext.Default.ExpireUploadInput, MediaCleanUpJsonContext.Default.Boolean);

    public static string InstanceIdOf(string media) => $"expire-upload-{media}";

    public async Task<bool> RunAsync(OrchestrationContext context, ExpireUploadInput input)
    {
        await context.CreateTimer(input.At);
        return await context.CallActivityAsync(RemoveUnusedSlot.Definition, input, DeleteMedia.Retry);
    }
}

/// <param name="Scope">The media record's scope.</param>
/// <param name="MediaId">The media record's id.</param>
/// <param name="Owner">Who announced it.</param>
/// <param name="At">When an upload can no longer be expected.</param>
public sealed record ExpireUploadInput(string Scope, string MediaId, string Owner, DateTimeOffset At);

/// <summary>Deletes a media record that still waits for its bytes; one whose bytes arrived unnoticed is processed.</summary>
internal sealed class RemoveUnusedSlot(MediaRecords records, IMediaStore store, MediaUsage usage, ReceiveUpload receive)
    : IActivity<ExpireUploadInput, bool>
{
    public static ActivityDefinition<ExpireUploadInput, bool> Definition { get; } = new(
        nameof(RemoveUnusedSlot), MediaCleanUpJsonContext.Default.ExpireUploadInput, MediaCleanUpJsonContext.Default.Boolean);

    /// <returns>Whether there was a slot to remove.</returns>
    public async Task<bool> RunAsync(ExpireUploadInput input, CancellationToken ct)
    {
        var (scope, id) = UploadedFile.Parse(input.Scope, input.MediaId);
        if (await records.FindAsync(scope, id, ct) is not { } record)
        {
            await usage.CancelAsync(input.Owner, id, ct); // the announcement was cut off before the record was made
            return true;
        }

        var details = MediaDetails.Read(record);
        if (record is { Deleted: false } && details.Status is MediaStatus.Pending)
        {
            var upload = BlobName.ForUpload(scope, id);
            if (await store.FindAsync(upload, ct) is not null)
            {
                await receive.ExecuteAsync(upload.Path, ct); // its event was lost
            }
            else if (await records.DeleteAsync(scope, id, static now => now.Status is MediaStatus.Pending, ct) is not null)
            {
                await usage.ReleaseAsync(input.Owner, id, details.Size, ct);
                return true;
            }
        }

        if (record.Deleted)
        {
            await usage.ReleaseAsync(input.Owner, id, details.Size, ct); // an earlier attempt may have come no further
        }

        await usage.ConfirmAsync(input.Owner, id, ct);
        return false;
    }
}

[JsonSerializable(typeof(ExpireUploadInput))]
[JsonSerializable(typeof(DeleteMediaInput))]
[JsonSerializable(typeof(RemoveOldRenditionsInput))]
[JsonSerializable(typeof(bool))]
[JsonSerializable(typeof(int))]
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
internal sealed partial class MediaCleanUpJsonContext : JsonSerializerContext;
