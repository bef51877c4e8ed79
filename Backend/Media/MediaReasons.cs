namespace Backend.Media;

/// <summary>Why an upload failed, as the media record states it. Stable: clients and support scripts rely on them.</summary>
internal static class MediaReasons
{
    public const string NotAnImage = "not_an_image";
    public const string UnsupportedFormat = "unsupported_format";
    public const string Corrupt = "corrupt";
    public const string TooManyPixels = "too_many_pixels";
    public const string TooManyFrames = "too_many_frames";
    public const string Timeout = "timeout";
    public const string TooLarge = "too_large";
    public const string SizeMismatch = "size_mismatch";
    public const string HashMismatch = "hash_mismatch";
    public const string ContentTypeMismatch = "content_type_mismatch";

    /// <summary>The application's own <see cref="IMediaModerator"/> did not let it pass.</summary>
    public const string Rejected = "rejected";

    /// <summary>The server's own failure: every attempt ended in an error, which the log has.</summary>
    public const string ProcessingFailed = "processing_failed";

    public static string Of(ImageFault fault) => fault switch
    {
        ImageFault.NotAnImage => NotAnImage,
        ImageFault.UnsupportedFormat => UnsupportedFormat,
        ImageFault.Corrupt => Corrupt,
        ImageFault.TooManyPixels => TooManyPixels,
        ImageFault.TooManyFrames => TooManyFrames,
        ImageFault.Timeout => Timeout,
        _ => throw new ArgumentOutOfRangeException(nameof(fault)),
    };
}
