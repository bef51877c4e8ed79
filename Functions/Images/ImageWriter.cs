using Backend.Media;
using SixLabors.ImageSharp;
using SixLabors.ImageSharp.Formats;
using SixLabors.ImageSharp.Formats.Jpeg;
using SixLabors.ImageSharp.Formats.Png;
using SixLabors.ImageSharp.Formats.Webp;
using SixLabors.ImageSharp.PixelFormats;
using SixLabors.ImageSharp.Processing;

namespace Functions.Images;

/// <summary>Turns a decoded image into the bytes of a rendition, with nothing of its metadata.</summary>
internal static class ImageWriter
{
    /// <summary>From here on colour is kept at full resolution.</summary>
    private const int FullColourQuality = 90;

    public static bool CanWrite(ImageFormat format) => format is ImageFormat.Jpeg or ImageFormat.Png or ImageFormat.WebP;

    public static async Task WriteAsync(
        Image<Rgba32> image, bool hasAlpha, RenditionSpec spec, Stream output, CancellationToken ct)
    {
        using var opaque = hasAlpha && spec.Format is not ImageFormat.Jpeg ? null : Flatten(image);
        Image picture = opaque is null ? image : opaque;
        Strip(picture);
        await picture.SaveAsync(output, Encoder(spec, hasAlpha), ct);
    }

    /// <summary>The image on white.</summary>
    public static Image<Rgb24> Flatten(Image<Rgba32> image)
    {
        using var flat = image.Clone(static picture => picture.BackgroundColor(Color.White));
        return flat.CloneAs<Rgb24>();
    }

    private static ImageEncoder Encoder(RenditionSpec spec, bool hasAlpha) => spec.Format switch
    {
        ImageFormat.Jpeg => new JpegEncoder
        {
            Quality = spec.Quality,
            ColorType = spec.Quality >= FullColourQuality ? JpegEncodingColor.YCbCrRatio444 : JpegEncodingColor.YCbCrRatio420,
            SkipMetadata = true,
        },
        ImageFormat.WebP => new WebpEncoder
        {
            FileFormat = WebpFileFormatType.Lossy,
            Quality = spec.Quality,
            SkipMetadata = true,
        },
        ImageFormat.Png => new PngEncoder
        {
            ColorType = hasAlpha ? PngColorType.RgbWithAlpha : PngColorType.Rgb,
            BitDepth = PngBitDepth.Bit8,
            InterlaceMethod = PngInterlaceMode.None,
            SkipMetadata = true,
        },
        _ => throw new ArgumentException($"Renditions cannot be encoded as {spec.Format}.", nameof(spec)),
    };

    /// <summary>Encoders are told to skip metadata; there is none left to skip either.</summary>
    private static void Strip(Image image)
    {
        var metadata = image.Metadata;
        (metadata.ExifProfile, metadata.IccProfile, metadata.IptcProfile, metadata.XmpProfile, metadata.CicpProfile) =
            (null, null, null, null, null);
        foreach (var frame in image.Frames.Select(static frame => frame.Metadata))
        {
            (frame.ExifProfile, frame.IccProfile, frame.IptcProfile, frame.XmpProfile, frame.CicpProfile) =
                (null, null, null, null, null);
        }
    }
}
