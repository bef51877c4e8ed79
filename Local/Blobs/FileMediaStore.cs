using Backend.Media;
using Backend.Records;

namespace Local.Blobs;

/// <summary>Blobs of the embedded host: contents in files, names and properties in the database.</summary>
internal sealed partial class FileMediaStore(
    BlobCatalog catalog, BlobFiles files, UploadSignatures signatures, UploadSignal uploads, TimeProvider time,
    ILogger<FileMediaStore> logger) : IMediaStore
{
    /// <summary>How long a file that no row points at is left alone: it may belong to a write that is under way.</summary>
    private static readonly TimeSpan OrphanAge = TimeSpan.FromHours(1);

    public Task<UploadTarget> CreateUploadAsync(BlobName name, UploadTerms terms, CancellationToken ct) =>
        Task.FromResult(new UploadTarget(
            new Uri(signatures.CreateUrl(name, terms), UriKind.Relative),
            "PUT",
            new Dictionary<string, string>(StringComparer.Ordinal)
            {
                ["x-ms-blob-type"] = "BlockBlob",
                ["Content-Type"] = terms.ContentType,
            },
            terms.ExpiresAt));

    /// <summary>Nothing to do: a URL takes one upload.</summary>
    public Task<BlobProperties?> CloseUploadAsync(BlobName name, CancellationToken ct) => FindAsync(name, ct);

    /// <summary>Whether an upload has arrived by this URL.</summary>
    public bool IsUsed(SignedUpload upload) => catalog.IsUsed(upload);

    public Task<BlobProperties?> FindAsync(BlobName name, CancellationToken ct) =>
        Task.FromResult(catalog.Find(name)?.Properties);

    public Task<Stream?> OpenReadAsync(BlobName name, BlobRange? range, CancellationToken ct)
    {
        while (catalog.Find(name) is { } entry)
        {
            try
            {
                var stream = new FileStream(files.PathOf(entry.File), new FileStreamOptions
                {
                    Options = FileOptions.Asynchronous | FileOptions.SequentialScan,
                    Share = FileShare.Read | FileShare.Delete,
                });
                return Task.FromResult<Stream?>(range is { } part ? new PartOfStream(stream, part) : stream);
            }
            catch (FileNotFoundException) when (catalog.Find(name)?.File != entry.File)
            {
                // Replaced or deleted between the look into the catalogue and the opening: look again.
            }
        }

        return Task.FromResult<Stream?>(null);
    }

    public async Task<BlobProperties> WriteAsync(BlobName name, Stream content, string contentType, CancellationToken ct) =>
        (await PutAsync(name, content, contentType, long.MaxValue, expectedMd5: null, upload: null, ct)).Properties;

    /// <summary>Stores an upload and lets whoever waits for uploads know.</summary>
    /// <returns>The properties, and whether the content is the one that the sender's MD5 announced.</returns>
    /// <exception cref="UploadUrlUsedException">An upload has arrived by this URL.</exception>
    public Task<(BlobProperties Properties, bool IsIntact)> PutAsync(
        BlobName name, Stream content, SignedUpload upload, byte[]? expectedMd5, CancellationToken ct) =>
        PutAsync(name, content, upload.Terms.ContentType, upload.Terms.MaxBytes, expectedMd5, upload, ct);

    private async Task<(BlobProperties Properties, bool IsIntact)> PutAsync(
        BlobName name, Stream content, string contentType, long maxBytes, byte[]? expectedMd5, SignedUpload? upload, CancellationToken ct)
    {
        var file = await files.WriteAsync(content, maxBytes, ct);
        // Whole seconds, as HTTP's dates have them.
        var now = DateTimeOffset.FromUnixTimeSeconds(time.GetUtcNow().ToUnixTimeSeconds());
        var properties = new BlobProperties(new ETag(Path.GetFileName(file.Name)), file.Length, contentType, now);
        if (expectedMd5 is not null && !file.Md5.AsSpan().SequenceEqual(expectedMd5))
        {
            files.Delete(file.Name);
            return (properties, false);
        }

        // From here on the request may not be abandoned half way: the row and the old file belong together.
        try
        {
            if (await catalog.PutAsync(name, new BlobEntry(file.Name, properties), upload, CancellationToken.None) is { } before)
            {
                files.Delete(before);
            }
        }
        catch (UploadUrlUsedException)
        {
            files.Delete(file.Name);
            throw;
        }

        uploads.Set();
        return (properties, true);
    }

    public async Task DeleteAsync(BlobName name, CancellationToken ct)
    {
        if (await catalog.RemoveAsync(name, ct) is { } file)
        {
            files.Delete(file);
        }
    }

    public Task<BlobPage> ListAsync(BlobPrefix prefix, string? after, int limit, CancellationToken ct)
    {
        var names = catalog.List(prefix, after, limit);
        return Task.FromResult(new BlobPage(names, names.Count == limit ? names[^1].ToString() : null));
    }

    public Task<LocalBlob?> OpenFileAsync(BlobName name, CancellationToken ct) => Task.FromResult(
        catalog.Find(name) is { } entry ? new LocalBlob(files.PathOf(entry.File), entry.Properties, isCopy: false) : null);

    public Task CheckAsync(CancellationToken ct)
    {
        catalog.NextEventAt();
        return Task.CompletedTask;
    }

    /// <summary>Deletes files that a crash left between writing the content and writing the row.</summary>
    public void RemoveOrphans()
    {
        var threshold = time.GetUtcNow() - OrphanAge;
        foreach (var file in files.List().Where(file => !catalog.IsInUse(file)))
        {
            if (File.GetLastWriteTimeUtc(files.PathOf(file)) < threshold)
            {
                files.Delete(file);
                LogOrphan(file);
            }
        }
    }

    [LoggerMessage(LogLevel.Information, "Deleted {File}, which no blob uses")]
    private partial void LogOrphan(string file);
}
