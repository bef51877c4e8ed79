using System.Security.Cryptography;
using System.Text;
using Backend.Records;
using Microsoft.Extensions.Options;

namespace Backend.Media.Delivery;

/// <summary>
/// Which process makes an image on demand, where there are several: one record for each image that is being made, which goes by itself
/// when its process does. It saves work and protects nothing: two that make the same image write the same.
/// </summary>
internal sealed class ImageClaims(IRecordStore store, IOptions<MediaOptions> options, TimeProvider time)
{
    private const string Collection = "$image-claims";

    /// <returns>Null when another process makes it.</returns>
    public async Task<StoredRecord?> TakeAsync(Scope scope, BlobName image, CancellationToken ct)
    {
        var now = time.GetUtcNow();
        var claim = new StoredRecord
        {
            Key = new RecordKey(scope, Collection, IdOf(image)),
            Owner = "",
            CreatedAt = now,
            UpdatedAt = now,
            ExpiresAt = now.AddSeconds(options.Value.TimeoutSeconds),
            Fields = RecordFields.Empty,
        };
        return await store.CreateAsync(claim, ct) is WriteOutcome.Written written ? written.Record : null;
    }

    /// <summary>Lets the next who asks try at once. Not needed for an image that was made: it is found.</summary>
    public Task ReleaseAsync(StoredRecord claim, CancellationToken ct) =>
        store.ReplaceAsync(claim with { ExpiresAt = time.GetUtcNow() }, claim.ETag, ct);

    /// <summary>A hash: an id has no room for the path.</summary>
    private static RecordId IdOf(BlobName image) =>
        RecordId.TryParse(Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(image.Path))), out var id)
            ? id
            : throw new InvalidOperationException();
}
