using System.Globalization;
using System.Text.Json.Serialization;
using Backend.Orchestrations;

namespace Backend.Media;

/// <summary>Removes a slot that was never used, or withdraws a replacement that never came, some time after the upload URL has expired.</summary>
public sealed class ExpireUpload : IOrchestration<ExpireUploadInput, bool>
{
    public static OrchestrationDefinition<ExpireUploadInput, bool> Definition { get; } = new(
        nameof(ExpireUpload), MediaCleanUpJsonContext.Default.ExpireUploadInput, MediaCleanUpJsonContext.Default.Boolean);

    public static string InstanceIdOf(string media) => $"expire-upload-{media}";

    /// <summary>Each further URL of the same media record has an end of its own.</summary>
    public static string InstanceIdOf(string media, DateTimeOffset at) =>
        string.Create(CultureInfo.InvariantCulture, $"expire-upload-{media}-{at.ToUnixTimeSeconds()}");

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

/// <summary>
/// Deletes a media record that still waits for its first bytes; a later upload that never came is no longer waited for. Bytes that
/// arrived unnoticed are processed.
/// </summary>
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
        if (record.Deleted)
        {
            await usage.CancelAsync(input.Owner, id, ct); // an earlier attempt may have come no further
            return false;
        }

        if (details.IsUnused(input.At))
        {
            var upload = BlobName.ForUpload(scope, id);
            if (await store.FindAsync(upload, ct) is { } blob && blob.ETag.Value != details.UploadETag)
            {
                await receive.ExecuteAsync(upload.Path, ct); // its event was lost
            }
            else if (details.Status is not MediaStatus.Pending)
            {
                await records.ChangeAsync(
                    scope, id, before => before.Announced is not null && before.IsUnused(input.At) ? before with { Announced = null } : null,
                    ct, movesState: false);
            }
            else if (await records.DeleteAsync(
                scope, id, now => now.Status is MediaStatus.Pending && now.IsUnused(input.At), ct) is { } slot)
            {
                await usage.ReleaseAsync(input.Owner, id, MediaDetails.Read(slot).CountedSize, ct);
                return true;
            }
        }
        else if (details.Status is MediaStatus.Pending)
        {
            return false; // has another URL, whose end is looked after in its turn
        }

        await usage.SettleAsync(input.Owner, id, input.At, CountAsync, ct);
        return false;

        async Task<long?> CountAsync() =>
            await records.FindAsync(scope, id, ct) is { Deleted: false } now ? MediaDetails.Read(now).CountedSize : null;
    }
}

[JsonSerializable(typeof(ExpireUploadInput))]
[JsonSerializable(typeof(DeleteMediaInput))]
[JsonSerializable(typeof(RemoveOldRenditionsInput))]
[JsonSerializable(typeof(bool))]
[JsonSerializable(typeof(int))]
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
internal sealed partial class MediaCleanUpJsonContext : JsonSerializerContext;
