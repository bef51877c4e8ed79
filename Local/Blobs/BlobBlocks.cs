using Backend.Media;

namespace Local.Blobs;

/// <summary>Uploads in pieces, so that a phone resumes where its connection broke: Put Block, then Put Block List.</summary>
internal sealed class BlobBlocks(BlockCatalog catalog, BlobFiles files, FileMediaStore store, TimeProvider time)
{
    /// <summary>How long blocks wait to be put together, as in the cloud.</summary>
    private static readonly TimeSpan Retention = TimeSpan.FromDays(7);

    /// <returns>False when the blocks together are larger than the blob may be.</returns>
    /// <exception cref="BlobTooLargeException">The block alone is.</exception>
    public async Task<bool> PutAsync(BlobName name, string blockId, Stream content, long maxBytes, CancellationToken ct)
    {
        var file = await files.WriteAsync(content, maxBytes, ct);
        var (isKept, replaced) = await catalog.PutAsync(
            name, new Block(blockId, file.Name, file.Length), maxBytes, time.GetUtcNow(), CancellationToken.None);
        if ((isKept ? replaced : file.Name) is { } unused)
        {
            files.Delete(unused);
        }

        return isKept;
    }

    /// <summary>Makes the blob of the named blocks, in this order, and forgets all others.</summary>
    /// <returns>Null when a block was never uploaded.</returns>
    /// <exception cref="BlobTooLargeException">The blocks together are larger than the blob may be.</exception>
    /// <exception cref="UploadUrlUsedException">An upload has arrived by this URL.</exception>
    public async Task<BlobProperties?> CommitAsync(
        BlobName name, IReadOnlyList<string> blockIds, SignedUpload upload, CancellationToken ct)
    {
        var known = catalog.List(name).ToDictionary(block => block.Id, StringComparer.Ordinal);
        if (!blockIds.All(known.ContainsKey))
        {
            return null;
        }

        await using var content = new ConcatenatedFiles([.. blockIds.Select(id => files.PathOf(known[id].File))]);
        var (properties, _) = await store.PutAsync(name, content, upload, expectedMd5: null, ct);
        foreach (var file in await catalog.ForgetAsync(name, CancellationToken.None))
        {
            files.Delete(file);
        }

        return properties;
    }

    public async Task RemoveAbandonedAsync(CancellationToken ct)
    {
        foreach (var file in await catalog.ForgetOlderThanAsync(time.GetUtcNow() - Retention, ct))
        {
            files.Delete(file);
        }
    }
}
