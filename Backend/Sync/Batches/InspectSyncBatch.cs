using System.Security.Cryptography;
using Backend.Media;
using Backend.Orchestrations;
using Backend.Records;
using Microsoft.Extensions.Options;

namespace Backend.Sync.Batches;

/// <summary>Looks through the file of a batch before anything of it is applied.</summary>
internal sealed class InspectSyncBatch(SyncBatchRecords batches, IMediaStore files, IOptions<SyncOptions> options)
    : IActivity<ApplySyncBatchInput, SyncBatchInspection>
{
    public static ActivityDefinition<ApplySyncBatchInput, SyncBatchInspection> Definition { get; } = new(
        nameof(InspectSyncBatch), SyncBatchJsonContext.Default.ApplySyncBatchInput, SyncBatchJsonContext.Default.SyncBatchInspection);

    public async Task<SyncBatchInspection> RunAsync(ApplySyncBatchInput input, CancellationToken ct)
    {
        var id = RecordId.TryParse(input.Id, out var parsed) ? parsed : throw new InvalidDataException($"{input.Id} is no batch.");
        var file = BlobName.ForBatch(input.User, id);
        if (await batches.FindAsync(input.User, id, ct) is not { Batch: var batch }
            || await files.FindAsync(file, ct) is not { } blob || blob.ETag.Value != input.UploadETag)
        {
            return new SyncBatchInspection(0, "replaced", "The file was removed or replaced while it was being applied.");
        }

        if (blob.Length != batch.Size)
        {
            return new SyncBatchInspection(0, "size_mismatch", $"The file has {blob.Length} bytes, not the announced {batch.Size}.");
        }

        var (lines, hash) = await ReadAsync(file, ct);
        return batch.Sha256 is not null && batch.Sha256 != hash
            ? new SyncBatchInspection(0, "hash_mismatch", "The file has another SHA-256 than announced.")
            : lines > options.Value.MaxBatchMutations
                ? new SyncBatchInspection(
                    lines, "too_many_mutations", $"The file has {lines} mutations; at most {options.Value.MaxBatchMutations} fit in a batch.")
                : new SyncBatchInspection(lines);
    }

    private async Task<(int Lines, string Sha256)> ReadAsync(BlobName file, CancellationToken ct)
    {
        using var hash = SHA256.Create();
        await using var content = await files.OpenReadAsync(file, null, ct)
            ?? throw new IOException($"{file} was removed while it was being read");
        await using var hashing = new CryptoStream(content, hash, CryptoStreamMode.Read);
        var reader = new SyncBatchLines(hashing, options.Value.MaxBatchLineBytes);
        var lines = 0;
        while (await reader.ReadAsync(ct) is { } line)
        {
            lines += line.IsBlank ? 0 : 1;
        }

        return (lines, Convert.ToHexStringLower(hash.Hash ?? []));
    }
}

/// <param name="Lines">Lines with something on them.</param>
/// <param name="Reason">Why it cannot be applied; null when it can.</param>
/// <param name="Detail">The same in words.</param>
public sealed record SyncBatchInspection(int Lines, string? Reason = null, string? Detail = null);
