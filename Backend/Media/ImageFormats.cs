namespace Backend.Media;

/// <summary>The names of image encodings: on the wire, and as media types.</summary>
internal static class ImageFormats
{
    public static string NameOf(ImageFormat format) => format switch
    {
        ImageFormat.Jpeg => "jpeg",
        ImageFormat.Png => "png",
        ImageFormat.WebP => "webp",
        ImageFormat.Gif => "gif",
        ImageFormat.Avif => "avif",
        ImageFormat.Tiff => "tiff",
        ImageFormat.Heic => "heic",
        _ => throw new ArgumentOutOfRangeException(nameof(format)),
    };

    public static string ContentTypeOf(ImageFormat format) => $"image/{NameOf(format)}";

    /// <summary>What an upload may announce. HEIC files also call themselves HEIF.</summary>
    public static IReadOnlyList<string> UploadTypes { get; } =
        [.. Enum.GetValues<ImageFormat>().Select(ContentTypeOf), "image/heif"];

    public static bool Announces(string contentType, ImageFormat format) =>
        contentType == ContentTypeOf(format) || (format is ImageFormat.Heic && contentType == "image/heif");
}
