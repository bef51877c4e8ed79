namespace Backend.Media;

/// <summary>
/// Keeps blobs and lets clients upload straight to it by signed, expiring URLs that speak the Put Blob request of the
/// Azure Blob protocol. Names are safe to hand over as they are: <see cref="BlobName"/> checks them.
/// </summary>
public interface IMediaStore
{
    /// <summary>
    /// A URL that accepts one upload of this blob until it expires, and nothing else. The URL may be relative to the
    /// host's own address, in which case the caller completes it.
    /// </summary>
    Task<UploadTarget> CreateUploadAsync(BlobName name, UploadTerms terms, CancellationToken ct);

    /// <summary>
    /// Ends an upload that has arrived: from now on no URL that was signed before writes this blob again. A store that takes one
    /// upload by a URL anyway has nothing to do. Ending it twice is the same.
    /// </summary>
    /// <returns>What has arrived; it stays so. Null when there is no such blob.</returns>
    Task<BlobProperties?> CloseUploadAsync(BlobName name, CancellationToken ct);

    /// <summary>The blob's properties; null when there is no such blob.</summary>
    Task<BlobProperties?> FindAsync(BlobName name, CancellationToken ct);

    /// <summary>
    /// Streams a blob or a part of it without buffering it whole; null when there is no such blob.
    /// </summary>
    /// <param name="name">The blob.</param>
    /// <param name="range">The bytes wanted; null for all. The caller has checked it against the blob's length.</param>
    /// <param name="ct">Cancels the opening; reads take their own token.</param>
    Task<Stream?> OpenReadAsync(BlobName name, BlobRange? range, CancellationToken ct);

    /// <summary>Writes a blob whole, replacing what was there; readers see the old or the new one, never a mixture.</summary>
    Task<BlobProperties> WriteAsync(BlobName name, Stream content, string contentType, CancellationToken ct);

    /// <summary>Deletes a blob; does nothing when there is none.</summary>
    Task DeleteAsync(BlobName name, CancellationToken ct);

    /// <summary>The blobs under a prefix, in the order of their names, a page at a time.</summary>
    /// <param name="prefix">Where to look.</param>
    /// <param name="after">The <see cref="BlobPage.Next"/> of the page before; null for the first.</param>
    /// <param name="limit">1 to 1,000.</param>
    /// <param name="ct">Cancels.</param>
    Task<BlobPage> ListAsync(BlobPrefix prefix, string? after, int limit, CancellationToken ct);

    /// <summary>
    /// The blob as a file of this machine, for libraries that read files; null when there is no such blob. Disposing
    /// the answer removes the file if it is a copy.
    /// </summary>
    Task<LocalBlob?> OpenFileAsync(BlobName name, CancellationToken ct);

    /// <summary>Throws when the store cannot answer; asked by the readiness probe.</summary>
    Task CheckAsync(CancellationToken ct);
}

/// <param name="ContentType">The content type that the client announced and must send.</param>
/// <param name="MaxBytes">The largest body accepted, where the store can enforce it, in bytes.</param>
/// <param name="ExpiresAt">When the URL stops working.</param>
/// <param name="IsReplacement">Whether there may be an earlier upload of this blob, which then may be replaced.</param>
public sealed record UploadTerms(string ContentType, long MaxBytes, DateTimeOffset ExpiresAt, bool IsReplacement = false);

/// <param name="Url">Where to send the bytes; secret, since whoever has it can upload.</param>
/// <param name="Method">The HTTP method.</param>
/// <param name="Headers">The headers to send with it.</param>
/// <param name="ExpiresAt">When the URL stops working.</param>
public sealed record UploadTarget(
    Uri Url, string Method, IReadOnlyDictionary<string, string> Headers, DateTimeOffset ExpiresAt);

/// <param name="ETag">Changes with every write.</param>
/// <param name="Length">Size in bytes.</param>
/// <param name="ContentType">The media type it was written with.</param>
/// <param name="LastModified">When it was written.</param>
public sealed record BlobProperties(Records.ETag ETag, long Length, string ContentType, DateTimeOffset LastModified);

/// <param name="Names">The blobs.</param>
/// <param name="Next">What to ask the next page with; null when this was the last. It says nothing to anybody but its store.</param>
public sealed record BlobPage(IReadOnlyList<BlobName> Names, string? Next);

/// <summary>Bytes <paramref name="Offset"/> to <paramref name="Offset"/> + <paramref name="Length"/> - 1.</summary>
public readonly record struct BlobRange(long Offset, long Length);

/// <summary>A blob as a file on this machine.</summary>
public sealed class LocalBlob(string path, BlobProperties properties, bool isCopy) : IDisposable
{
    public string Path { get; } = path;

    public BlobProperties Properties { get; } = properties;

    public void Dispose()
    {
        if (isCopy)
        {
            File.Delete(Path);
        }
    }
}
