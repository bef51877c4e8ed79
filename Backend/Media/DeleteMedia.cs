using Backend.Orchestrations;
using Backend.Records;

namespace Backend.Media;

/// <summary>Removes a media record, its upload and everything that was made of it.</summary>
public sealed class DeleteMedia : IOrchestration<DeleteMediaInput, bool>
{
    /// <summary>Nobody waits for it, and nobody would start it again: a store that is away for hours only delays it.</summary>
    internal static readonly RetryPolicy Retry = new(100, TimeSpan.FromSeconds(1), MaxDelay: TimeSpan.FromMinutes(5));

    public static OrchestrationDefinition<DeleteMediaInput, bool> Definition { get; } = new(
        nameof(DeleteMedia), MediaCleanUpJsonContext.Default.DeleteMediaInput, MediaCleanUpJsonContext.Default.Boolean);

    public static string InstanceIdOf(string media) => $"delete-media-{media}";

    public Task<bool> RunAsync(OrchestrationContext context, DeleteMediaInput input) =>
        context.CallActivityAsync(DeleteMediaFiles.Definition, input, Retry);
}

/// <param name="Scope">The media record's scope.</param>
/// <param name="MediaId">The media record's id.</param>
/// <param name="Owner">Who announced it.</param>
/// <param name="Size">In bytes, as counted for the owner.</param>
public sealed record DeleteMediaInput(string Scope, string MediaId, string Owner, long Size);

/// <summary>
/// Deletes the record, if the request that asked for it did not come that far, then the blobs. A processing that is under
/// way finds no record when it wants to save and clears up after itself.
/// </summary>
internal sealed class DeleteMediaFiles(MediaRecords records, MediaFiles files, MediaUsage usage)
    : IActivity<DeleteMediaInput, bool>
{
    public static ActivityDefinition<DeleteMediaInput, bool> Definition { get; } = new(
        nameof(DeleteMediaFiles), MediaCleanUpJsonContext.Default.DeleteMediaInput, MediaCleanUpJsonContext.Default.Boolean);

    public async Task<bool> RunAsync(DeleteMediaInput input, CancellationToken ct)
    {
        var (scope, id) = UploadedFile.Parse(input.Scope, input.MediaId);
        await records.DeleteAsync(scope, id, static _ => true, ct);
        await files.DeleteAllAsync(scope, id, ct);
        await usage.ReleaseAsync(input.Owner, id, input.Size, ct);
        return true;
    }
}

/// <summary>The blobs of a media record.</summary>
internal sealed class MediaFiles(IMediaStore store)
{
    private const int PageSize = 100;

    /// <summary>Deletes the upload and all renditions.</summary>
    public async Task DeleteAllAsync(Scope scope, RecordId id, CancellationToken ct)
    {
        await store.DeleteAsync(BlobName.ForUpload(scope, id), ct);
        await DeleteRenditionsAsync(scope, id, static _ => true, ct);
    }

    /// <param name="scope">The media record's scope.</param>
    /// <param name="id">The media record.</param>
    /// <param name="choose">Which of them, by the file's name.</param>
    /// <param name="ct">Cancels; what is deleted by then stays so.</param>
    /// <returns>How many.</returns>
    public async Task<int> DeleteRenditionsAsync(Scope scope, RecordId id, Predicate<string> choose, CancellationToken ct)
    {
        var prefix = BlobName.RenditionsOf(scope, id);
        var deleted = 0;
        string? next = null;
        do
        {
            var page = await store.ListAsync(prefix, next, PageSize, ct);
            foreach (var name in page.Names.Where(name => choose(name.Path[prefix.Path.Length..])))
            {
                await store.DeleteAsync(name, ct);
                deleted++;
            }

            next = page.Next;
        }
        while (next is not null);

        return deleted;
    }
}
