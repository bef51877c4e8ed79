namespace Backend.Media;

/// <summary>
/// Decodes and encodes images. Decoding is strict: a corrupt or truncated file is an <see cref="ImageFault"/>, never
/// junk. Every operation refuses more than its <see cref="ImageLimits"/> allow before it decodes, and stops within the
/// time-out. Files are untrusted.
/// </summary>
public interface IImageEngine
{
    /// <summary>Whether renditions can be encoded so.</summary>
    bool CanWrite(ImageFormat format);

    /// <summary>Reads the header only: format, dimensions as displayed, frames.</summary>
    /// <exception cref="ImageRejectedException">The file is no image that this engine accepts.</exception>
    Task<ImageInfo> InspectAsync(string path, ImageLimits limits, CancellationToken ct);

    /// <summary>
    /// Writes a rendition: orientation applied, colour converted to sRGB, every kind of metadata stripped (EXIF, GPS,
    /// XMP, IPTC, ICC), never larger than the source unless that is asked for. An engine that cannot look for what attracts
    /// attention takes the middle.
    /// </summary>
    /// <exception cref="ImageRejectedException">The file cannot be decoded whole, or breaks a limit.</exception>
    Task<EncodedImage> RenderAsync(
        string path, RenditionSpec spec, ImageLimits limits, Stream output, CancellationToken ct);

    /// <summary>
    /// Writes several renditions of one image, each as <see cref="RenderAsync"/> does, decoding it as seldom as the engine can.
    /// </summary>
    /// <param name="path">The file.</param>
    /// <param name="specs">1 or more.</param>
    /// <param name="outputs">One for each of them; written to in no order, each by one at a time.</param>
    /// <param name="limits">The time-out is for each step.</param>
    /// <param name="ct">Cancels.</param>
    /// <exception cref="ImageRejectedException">The file cannot be decoded whole, or breaks a limit.</exception>
    async Task<IReadOnlyList<EncodedImage>> RenderAllAsync(
        string path, IReadOnlyList<RenditionSpec> specs, IReadOnlyList<Stream> outputs, ImageLimits limits, CancellationToken ct)
    {
        var images = new List<EncodedImage>();
        for (var i = 0; i < specs.Count; i++)
        {
            images.Add(await RenderAsync(path, specs[i], limits, outputs[i], ct));
        }

        return images;
    }

    /// <summary>The displayed image shrunk to fit a square of <paramref name="size"/> pixels, alpha flattened on white.</summary>
    /// <exception cref="ImageRejectedException">The file cannot be decoded whole, or breaks a limit.</exception>
    Task<PixelGrid> SampleAsync(string path, int size, ImageLimits limits, CancellationToken ct);
}

/// <param name="MaxPixels">Width times height times frames that may be decoded.</param>
/// <param name="MaxFrames">Frames or pages that a file may have.</param>
/// <param name="Timeout">How long one operation may take.</param>
public sealed record ImageLimits(long MaxPixels, int MaxFrames, TimeSpan Timeout)
{
    /// <summary>
    /// Width times height times frames, of the source and of the rendition, up to which an animation stays one: all of its
    /// frames are in memory at once. Beyond that its first frame stands for it.
    /// </summary>
    public long MaxAnimationPixels { get; init; } = 20_000_000;
}

/// <param name="Format">The encoding found by content, not by name.</param>
/// <param name="Width">Displayed width in pixels, orientation applied.</param>
/// <param name="Height">Displayed height in pixels, orientation applied.</param>
/// <param name="Frames">1 for a still image.</param>
/// <param name="HasAlpha">Whether there is transparency.</param>
public sealed record ImageInfo(ImageFormat Format, int Width, int Height, int Frames, bool HasAlpha)
{
    /// <summary>The Exif block as it is in the file, with or without its mark; empty when there is none, or a huge one.</summary>
    public ReadOnlyMemory<byte> Exif { get; init; }

    /// <summary>The largest Exif block that anybody looks at, in bytes: JPEG's largest segment, and some.</summary>
    public const int MaxExifBytes = 128 * 1024;
}

/// <summary>What to make of an image.</summary>
/// <param name="Width">The box's width in pixels.</param>
/// <param name="Height">The box's height in pixels.</param>
/// <param name="Fit">How the image is placed in the box.</param>
/// <param name="Format">The encoding.</param>
/// <param name="Quality">1 to 100, as the encoder understands it; ignored by PNG.</param>
public sealed record RenditionSpec(int Width, int Height, ImageFit Fit, ImageFormat Format, int Quality)
{
    /// <summary>What stays in sight when <see cref="ImageFit.Cover"/> cuts something off.</summary>
    public ImageFocus Focus { get; init; } = ImageFocus.Center;

    /// <summary>Whether a source that is smaller than the box is enlarged.</summary>
    public bool Enlarge { get; init; }

    /// <summary>
    /// Whether an animation stays one, where the format can: WebP. Otherwise its first frame stands for it.
    /// </summary>
    public bool IsAnimated { get; init; }

    /// <summary>
    /// Whether clients that do not accept <see cref="Format"/> get another one. It is nothing to engines, which write what
    /// <see cref="Format"/> says.
    /// </summary>
    public bool IsNegotiated { get; init; }
}

public enum ImageFit
{
    /// <summary>The whole image, as large as the box allows, its proportions kept.</summary>
    Inside,

    /// <summary>The box filled, its proportions taken, what hangs over cut off.</summary>
    Cover,

    /// <summary>The whole image in the middle of the box, with a white border where it leaves room.</summary>
    Contain,

    /// <summary>The box filled, the image stretched.</summary>
    Fill,
}

/// <summary>The point of an image that matters.</summary>
/// <param name="X">From the left, 0 to 1.</param>
/// <param name="Y">From the top, 0 to 1.</param>
/// <param name="IsAttention">Where people look first, which the engine finds; the point is then the middle.</param>
public readonly record struct ImageFocus(double X, double Y, bool IsAttention = false)
{
    public static ImageFocus Center => new(0.5, 0.5);

    public static ImageFocus Attention => new(0.5, 0.5, IsAttention: true);
}

public enum ImageFormat
{
    Jpeg,
    Png,
    WebP,
    Gif,
    Avif,
    Tiff,
    Heic,
}

/// <param name="Width">Width in pixels.</param>
/// <param name="Height">Height in pixels.</param>
/// <param name="Size">Size in bytes.</param>
public sealed record EncodedImage(int Width, int Height, long Size);

/// <summary>Eight-bit sRGB pixels without alpha, row by row, three bytes a pixel.</summary>
public sealed record PixelGrid(int Width, int Height, ReadOnlyMemory<byte> Rgb);

/// <summary>Why a file was refused; a reason about the file, never about the server.</summary>
public sealed class ImageRejectedException(ImageFault fault, string message) : Exception(message)
{
    public ImageFault Fault { get; } = fault;
}

public enum ImageFault
{
    /// <summary>The content is not an image at all.</summary>
    NotAnImage,

    /// <summary>An image, but of a format that is not accepted.</summary>
    UnsupportedFormat,

    /// <summary>Damaged or cut short.</summary>
    Corrupt,

    /// <summary>More pixels than allowed, a decompression bomb among them.</summary>
    TooManyPixels,

    /// <summary>More frames or pages than allowed.</summary>
    TooManyFrames,

    /// <summary>Decoding took longer than allowed.</summary>
    Timeout,
}
