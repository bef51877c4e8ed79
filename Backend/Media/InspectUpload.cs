using System.Security.Cryptography;
using Backend.Model;
using Backend.Orchestrations;
using Microsoft.Extensions.Options;

namespace Backend.Media;

/// <summary>Compares an upload with what was announced and reads the image's header; nothing is decoded yet.</summary>
internal sealed class InspectUpload(
    UploadedFile uploads, MediaRecords records, IImageEngine engine, AppModel model, IOptions<MediaOptions> options)
    : IActivity<ProcessImageInput, UploadInspection>
{
    private const int VersionLength = 16;

    private static readonly UploadInspection Superseded = new(true, null, "", 0, 0, []);

    public static ActivityDefinition<ProcessImageInput, UploadInspection> Definition { get; } = new(
        nameof(InspectUpload), ProcessingJsonContext.Default.ProcessImageInput, ProcessingJsonContext.Default.UploadInspection);

    public async Task<UploadInspection> RunAsync(ProcessImageInput input, CancellationToken ct)
    {
        var (scope, id) = UploadedFile.Parse(input);
        using var file = await uploads.OpenAsync(input, ct);
        var record = await records.FindAsync(scope, id, ct);
        if (file is null || record is not { Deleted: false })
        {
            return Superseded;
        }

        var announced = MediaDetails.Read(record);
        if (CheckSize(announced, file.Properties.Length) is { } wrongSize)
        {
            return Reject(wrongSize);
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

            var isCurrent = await records.ChangeAsync(scope, id, before => before.UploadETag == input.UploadETag
                ? before with { Status = MediaStatus.Processing }
                : null, ct);
            return isCurrent
                ? new UploadInspection(
                    false, null, hash[..VersionLength], info.Width, info.Height, [.. model.Presets.Keys.Order(StringComparer.Ordinal)])
                : Superseded;
        }
        catch (ImageRejectedException exception)
        {
            return Reject(new Rejection(MediaReasons.Of(exception.Fault), exception.Message));
        }
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

    private static UploadInspection Reject(Rejection rejection) => new(false, rejection, "", 0, 0, []);
}
