using Backend.Azure.Media;
using Backend.Media;
using Microsoft.Extensions.Options;

namespace Local.BlobStorage;

/// <summary>Blob Storage that remembers where uploads can appear; all else is passed on.</summary>
internal sealed class WatchedMediaStore(
    BlobMediaStore inner, UploadSlots slots, IOptions<MediaOptions> options, TimeProvider time) : IMediaStore
{
    public async Task<UploadTarget> CreateUploadAsync(BlobName name, UploadTerms terms, CancellationToken ct)
    {
        // Before anybody has the URL: an upload by it may be the last thing that happens before a crash.
        var until = terms.ExpiresAt.AddMinutes(options.Value.UnusedSlotMinutes);
        await slots.OpenAsync(name.Path, time.GetUtcNow(), until, ct);
        return await inner.CreateUploadAsync(name, terms, ct);
    }

    public Task<BlobProperties?> CloseUploadAsync(BlobName name, CancellationToken ct) => inner.CloseUploadAsync(name, ct);

    public Task<BlobProperties?> FindAsync(BlobName name, CancellationToken ct) => inner.FindAsync(name, ct);

    public Task<Stream?> OpenReadAsync(BlobName name, BlobRange? range, CancellationToken ct) => inner.OpenReadAsync(name, range, ct);

    public Task<BlobProperties> WriteAsync(BlobName name, Stream content, string contentType, CancellationToken ct) =>
        inner.WriteAsync(name, content, contentType, ct);

    public Task DeleteAsync(BlobName name, CancellationToken ct) => inner.DeleteAsync(name, ct);

    public Task<BlobPage> ListAsync(BlobPrefix prefix, string? after, int limit, CancellationToken ct) =>
        inner.ListAsync(prefix, after, limit, ct);

    public Task<LocalBlob?> OpenFileAsync(BlobName name, CancellationToken ct) => inner.OpenFileAsync(name, ct);

    public Task CheckAsync(CancellationToken ct) => inner.CheckAsync(ct);
}
