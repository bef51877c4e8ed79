using System.Security.Cryptography;
using Backend.Model;
using Backend.Orchestrations;
using Backend.Records;
using Microsoft.Extensions.Options;

namespace Backend.Media;

/// <summary>Compares an upload with what was announced and reads the image's header; nothing is decoded yet.</summary>
internal sealed class InspectUpload(
    UploadedFile uploads, MediaRecords records, IMediaStore store, MediaContents contents, IImageEngine engine, AppModel model,
    IEnumerable<IMediaModerator> moderators, IOptions<MediaOptions> options)
    : IActivity<ProcessImageInput, UploadInspection>
{
    private const int VersionLength = 16;

    private static readonly UploadInspection Superseded = new() { IsSuperseded = true };

    public static ActivityDefinition<ProcessImageInput, UploadInspection> Definition { get; } = new(
        nameof(InspectUpload), ProcessingJsonContext.Default.ProcessImageInput, ProcessingJsonContext.Default.UploadInspection);

    public async Task<UploadInspection> RunAsync(ProcessImageInput input, CancellationToken ct)
    {
        var (scope, id) = UploadedFile.Parse(input);
        var name = BlobName.ForUpload(scope, id);
        var record = await records.FindAsync(scope, id, ct);
        if (record is not { Deleted: false }
            || await store.FindAsync(name, ct) is not { } blob
            || blob.ETag.Value != input.UploadETag)
        {
            return Superseded;
        }

        var announced = MediaDetails.Read(record);
        if (CheckSize(announced, blob.Length) is { } wrongSize)
        {
            // Not fetched, and not kept: storage on Azure takes whatever a client sends.
            await store.DeleteAsync(name, ct);
            return Reject(wrongSize);
        }

        using var file = await uploads.OpenAsync(input, ct);
        if (file is null)
        {
            return Superseded;
        }

        var hash = await HashAsync(file.Path, ct);
        if (announced.Sha256 is { } expected && expected != hash)
        {
            return Reject(new Rejection(MediaReasons.HashMismatch, $"The upload's SHA-256 is {hash}, not the announced one."));
        }

        try
        {
            var info = await engine.InspectAsync(file.Path, options.Value.Limits, ct);
            if (!ImageFormats.Announces(announced.ContentType, info.Format))
            {
                return Reject(new Rejection(
                    MediaReasons.ContentTypeMismatch,
                    $"Announced was {announced.ContentType}, the content is {ImageFormats.ContentTypeOf(info.Format)}."));
            }

            return await ClaimAsync(input, ct) ? await AcceptAsync(record, info, hash, ct) : Superseded;
        }
        catch (ImageRejectedException exception)
        {
            return Reject(new Rejection(MediaReasons.Of(exception.Fault), exception.Message));
        }
    }

    /// <summary>Says on the record that it is being processed; what is ready and only made anew stays ready.</summary>
    private Task<bool> ClaimAsync(ProcessImageInput input, CancellationToken ct)
    {
        var (scope, id) = UploadedFile.Parse(input);
        return records.ChangeAsync(scope, id, before =>
            before.UploadETag != input.UploadETag ? null
            : before.Status is MediaStatus.Ready ? before
            : before with { Status = MediaStatus.Processing }, ct);
    }

    private async Task<UploadInspection> AcceptAsync(StoredRecord record, ImageInfo info, string hash, CancellationToken ct)
    {
        var (scope, id) = (record.Key.Scope, record.Key.Id);
        var same = await contents.FindAsync(scope, record.Owner, hash, ct);
        return new UploadInspection
        {
            Version = hash[..VersionLength],
            ContentHash = hash,
            DuplicateOf = same == id ? null : same?.Value,
            Width = info.Width,
            Height = info.Height,
            HasAlpha = info.HasAlpha,
            Frames = info.Frames,
            Photo = PhotoMetadata.Read(info.Exif.Span, model.Media.KeepsPosition),
            IsModerated = moderators.Any(),
            Presets = [.. model.Presets.Keys.Order(StringComparer.Ordinal)],
        };
    }

    private Rejection? CheckSize(MediaDetails announced, long length)
    {
        if (length > options.Value.MaxUploadBytes)
        {
            return new Rejection(MediaReasons.TooLarge, $"The upload has {length} bytes; at most {options.Value.MaxUploadBytes} are allowed.");
        }

        return length == announced.Size
            ? null
            : new Rejection(MediaReasons.SizeMismatch, $"The upload has {length} bytes; announced were {announced.Size}.");
    }

    private static async Task<string> HashAsync(string path, CancellationToken ct)
    {
        await using var stream = File.OpenRead(path);
        return Convert.ToHexStringLower(await SHA256.HashDataAsync(stream, ct));
    }

    private static UploadInspection Reject(Rejection rejection) => new() { Rejection = rejection };
}
