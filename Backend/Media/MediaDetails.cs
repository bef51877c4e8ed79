using System.Text.Json;
using System.Text.Json.Serialization;
using Backend.Records;

namespace Backend.Media;

/// <summary>The fields of a media record, as records and sync serve them.</summary>
internal sealed record MediaDetails
{
    public required MediaStatus Status { get; init; }

    /// <summary>As the client announced it.</summary>
    public required string ContentType { get; init; }

    /// <summary>In bytes, as the client announced it.</summary>
    public required long Size { get; init; }

    /// <summary>Of the upload, in lower-case hex, if the client announced it.</summary>
    public string? Sha256 { get; init; }

    /// <summary>One of <see cref="MediaReasons"/> once failed.</summary>
    public string? Reason { get; init; }

    /// <summary>The reason in words.</summary>
    public string? Detail { get; init; }

    /// <summary>Displayed width of the original in pixels.</summary>
    public int? Width { get; init; }

    /// <summary>Displayed height of the original in pixels.</summary>
    public int? Height { get; init; }

    /// <summary>Whether the original has transparency.</summary>
    public bool? HasAlpha { get; init; }

    /// <summary>More than 1 for an animation.</summary>
    public int? Frames { get; init; }

    /// <summary>When the photo was taken, RFC 3339; without an offset where the camera states none.</summary>
    public string? TakenAt { get; init; }

    /// <summary>The camera's maker and model.</summary>
    public string? Camera { get; init; }

    /// <summary>Where the photo was taken, if the model asks for it.</summary>
    public PhotoPosition? Position { get; init; }

    /// <summary>BlurHash of the image.</summary>
    public string? Placeholder { get; init; }

    /// <summary>The dominant colour as <c>#rrggbb</c>.</summary>
    public string? Color { get; init; }

    /// <summary>Which upload the renditions were made from: the first 16 hex digits of its SHA-256.</summary>
    public string? Version { get; init; }

    /// <summary>The upload being processed; what was started for an earlier one leaves the record alone.</summary>
    public string? UploadETag { get; init; }

    /// <summary>SHA-256 of what was uploaded, in lower-case hex.</summary>
    public string? ContentHash { get; init; }

    /// <summary>The media record of the same owner and scope that had the same content before.</summary>
    public string? DuplicateOf { get; init; }

    /// <summary>What the next upload will be, while one is announced to take this one's place.</summary>
    public AnnouncedUpload? Announced { get; init; }

    public IReadOnlyList<Rendition> Renditions { get; init; } = [];

    /// <summary>In bytes, as counted for the owner.</summary>
    [JsonIgnore]
    public long CountedSize => Announced?.Size ?? Size;

    /// <summary>Whether an upload was expected that can no longer come.</summary>
    /// <param name="at">When what was announced until then has ended. A later announcement has an end of its own.</param>
    public bool IsUnused(DateTimeOffset at) => Announced is { } next ? next.Until <= at : Status is MediaStatus.Pending;

    /// <summary>Whether a file of the renditions container, by its name without the folder, is of what there is now.</summary>
    public bool Names(string file) =>
        Renditions.Any(rendition => file == $"{VersionOf(rendition)}-{rendition.Preset}")
        || (Version is not null && file.Contains('.', StringComparison.Ordinal) && file.StartsWith($"{Version}-", StringComparison.Ordinal));

    /// <summary>What a rendition's URL and file name state as its version.</summary>
    public string VersionOf(Rendition rendition) => rendition.Version ?? Version ?? "";

    /// <summary>What has this upload processed again; null for one that is not processed to its end, or was not accepted.</summary>
    /// <param name="scope">The record's scope.</param>
    /// <param name="id">The record.</param>
    /// <param name="run">Which time.</param>
    public ProcessImageInput? ToReprocess(Scope scope, RecordId id, string run) =>
        Status is MediaStatus.Ready or MediaStatus.Failed && UploadETag is { } etag
            ? new ProcessImageInput(scope.Value, id.Value, etag, run)
            : null;

    public static MediaDetails Read(StoredRecord record) =>
        record.Fields.Element.Deserialize(MediaJsonContext.Default.MediaDetails)
        ?? throw new InvalidDataException($"The media record {record.Key} has no fields");

    public RecordFields ToFields() =>
        new(JsonSerializer.SerializeToUtf8Bytes(this, MediaJsonContext.Default.MediaDetails));
}

/// <param name="Preset">The model's preset.</param>
/// <param name="Format"><c>jpeg</c>, <c>webp</c>, <c>png</c> or <c>avif</c>.</param>
/// <param name="Width">In pixels.</param>
/// <param name="Height">In pixels.</param>
/// <param name="Size">In bytes.</param>
/// <param name="Version">
/// Names the content: the media's version and a hash of the preset, so that a changed preset never serves under a URL that
/// caches know. Null for the media's version alone.
/// </param>
internal sealed record Rendition(string Preset, string Format, int Width, int Height, long Size, string? Version = null);

/// <param name="ContentType">What the client will send.</param>
/// <param name="Size">How many bytes.</param>
/// <param name="Sha256">Their SHA-256, if the client states it.</param>
/// <param name="Until">When they are no longer expected.</param>
internal sealed record AnnouncedUpload(string ContentType, long Size, string? Sha256, DateTimeOffset Until);

[JsonSerializable(typeof(MediaDetails))]
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
internal sealed partial class MediaJsonContext : JsonSerializerContext;
