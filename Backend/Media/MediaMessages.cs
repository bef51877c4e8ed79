using System.Text.Json.Serialization;
using Backend.Http;
using Backend.Media.Delivery;
using Backend.Records;
using Microsoft.AspNetCore.Http;

namespace Backend.Media;

/// <summary>An upload that a client announces.</summary>
/// <param name="ContentType">What it will send, for example <c>image/jpeg</c>.</param>
/// <param name="Size">How many bytes.</param>
/// <param name="Sha256">Their SHA-256 in lower-case hex; when stated, a different content fails.</param>
/// <param name="Scope">Where the media record lives; the caller's own scope when absent.</param>
internal sealed record NewMedia(string ContentType, long Size, string? Sha256 = null, string? Scope = null);

/// <param name="Id">The media record.</param>
/// <param name="Upload">Where the bytes go.</param>
/// <param name="DuplicateOf">Ready media of yours with the announced SHA-256: perhaps there is nothing to upload.</param>
internal sealed record UploadSlot(string Id, UploadInstruction Upload, string? DuplicateOf = null);

/// <param name="Url">Secret: whoever has it can upload.</param>
/// <param name="Method">The HTTP method.</param>
/// <param name="Headers">Headers that must be sent.</param>
/// <param name="ExpiresAt">When the URL stops working, RFC 3339 in UTC.</param>
internal sealed record UploadInstruction(
    string Url, string Method, IReadOnlyDictionary<string, string> Headers, string ExpiresAt)
{
    public static UploadInstruction Of(HttpContext context, UploadTarget target) => new(
        target.Url.IsAbsoluteUri ? target.Url.AbsoluteUri : PublicUrl.Of(context, target.Url.OriginalString),
        target.Method,
        target.Headers,
        Timestamps.Format(target.ExpiresAt));
}

/// <summary>A media record as <c>/v1/media</c> serves it.</summary>
internal sealed record MediaView
{
    /// <summary>The media record.</summary>
    public required string Id { get; init; }

    /// <summary>Where it lives.</summary>
    public required string Scope { get; init; }

    /// <summary>pending, uploaded, processing, ready or failed.</summary>
    public required MediaStatus Status { get; init; }

    /// <summary>Why it failed; stable.</summary>
    public string? Reason { get; init; }

    /// <summary>Why it failed, in words.</summary>
    public string? Detail { get; init; }

    /// <summary>As announced.</summary>
    public required string ContentType { get; init; }

    /// <summary>In bytes, as announced.</summary>
    public required long Size { get; init; }

    /// <summary>Displayed width of the original in pixels.</summary>
    public int? Width { get; init; }

    /// <summary>Displayed height of the original in pixels.</summary>
    public int? Height { get; init; }

    /// <summary>BlurHash.</summary>
    public string? Placeholder { get; init; }

    /// <summary>Dominant colour, <c>#rrggbb</c>.</summary>
    public string? Color { get; init; }

    /// <summary>More than 1 for an animation.</summary>
    public int? Frames { get; init; }

    /// <summary>When the photo was taken, RFC 3339; without an offset where the camera states none.</summary>
    public string? TakenAt { get; init; }

    /// <summary>The camera's maker and model.</summary>
    public string? Camera { get; init; }

    /// <summary>Where the photo was taken, if the model keeps it.</summary>
    public PhotoPosition? Position { get; init; }

    /// <summary>Media of the same owner and scope that had the same content before.</summary>
    public string? DuplicateOf { get; init; }

    /// <summary>What can be downloaded.</summary>
    public required IReadOnlyList<RenditionView> Renditions { get; init; }
}

/// <param name="Preset">The model's preset.</param>
/// <param name="Format">jpeg, webp, png or avif.</param>
/// <param name="Width">In pixels.</param>
/// <param name="Height">In pixels.</param>
/// <param name="Size">In bytes.</param>
/// <param name="Url">Works without a token until it expires.</param>
internal sealed record RenditionView(string Preset, string Format, int Width, int Height, long Size, string Url);

/// <param name="Images">1 to 50: each a preset, or an image to be made on demand.</param>
internal sealed record ImageUrlsRequest(IReadOnlyList<TransformRequest> Images);

/// <param name="Urls">In the order of the request.</param>
internal sealed record ImageUrlsAnswer(IReadOnlyList<SignedUrl> Urls);

/// <param name="Url">Works without a token.</param>
/// <param name="ExpiresAt">Until when, RFC 3339 in UTC; absent for ever, as of public media.</param>
internal sealed record SignedUrl(string Url, string? ExpiresAt);

/// <param name="Scope">Only media of this scope; all when absent.</param>
internal sealed record ReprocessRequest(string? Scope = null);

/// <param name="Orchestration">What does it; its <c>customStatus</c> tells how far it is.</param>
internal sealed record ReprocessAnswer(string Orchestration);

[JsonSerializable(typeof(NewMedia))]
[JsonSerializable(typeof(ReprocessRequest))]
[JsonSerializable(typeof(ReprocessAnswer))]
[JsonSerializable(typeof(ImageUrlsRequest))]
[JsonSerializable(typeof(ImageUrlsAnswer))]
[JsonSerializable(typeof(UploadSlot))]
[JsonSerializable(typeof(MediaView))]
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    AllowDuplicateProperties = false,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true)]
internal sealed partial class MediaMessagesJsonContext : JsonSerializerContext;
