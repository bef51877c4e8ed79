using System.Buffers.Binary;
using Backend.Media;
using SixLabors.ImageSharp;
using SixLabors.ImageSharp.Formats.Jpeg;
using SixLabors.ImageSharp.Formats.Png;
using SixLabors.ImageSharp.Formats.Tiff;
using SixLabors.ImageSharp.Metadata;
using DecodedInfo = SixLabors.ImageSharp.ImageInfo;

namespace Functions.Images;

/// <summary>What a header says about the pixels and ImageSharp does not tell in one place.</summary>
internal static class ImageTraits
{
    private const int Vp8xFlags = 20;
    private const int Vp8lHeader = 21;

    public static bool HasAlpha(ReadOnlySpan<byte> content, ImageFormat format, DecodedInfo header) => format switch
    {
        ImageFormat.Png => header.Metadata.GetPngMetadata() is var png
            && (png.ColorType is PngColorType.GrayscaleWithAlpha or PngColorType.RgbWithAlpha
                || png.TransparentColor is not null
                || content.IndexOf("tRNS"u8) >= 0),
        ImageFormat.Gif => header.FrameMetadataCollection.Any(static frame => frame.GetGifMetadata().HasTransparency),
        ImageFormat.WebP => WebpHasAlpha(content),
        ImageFormat.Tiff => header.FrameMetadataCollection is [var first, ..]
            && first.GetTiffMetadata() is
            {
                BitsPerPixel: TiffBitsPerPixel.Bit32 or TiffBitsPerPixel.Bit64,
                PhotometricInterpretation: SixLabors.ImageSharp.Formats.Tiff.Constants.TiffPhotometricInterpretation.Rgb,
            },
        _ => false,
    };

    public static bool IsGrey(ImageMetadata metadata) =>
        metadata.DecodedImageFormat switch
        {
            PngFormat => metadata.GetPngMetadata().ColorType is PngColorType.Grayscale or PngColorType.GrayscaleWithAlpha,
            JpegFormat => metadata.GetJpegMetadata().ColorType is JpegEncodingColor.Luminance,
            _ => false,
        };

    /// <summary>The extended header has a flag; a lossless picture without one has a bit of its own.</summary>
    private static bool WebpHasAlpha(ReadOnlySpan<byte> content) => content.Length > Vp8lHeader + 4 && (
        content[12..].StartsWith("VP8X"u8)
            ? (content[Vp8xFlags] & 0x10) != 0
            : content[12..].StartsWith("VP8L"u8)
                && (BinaryPrimitives.ReadUInt32LittleEndian(content[Vp8lHeader..]) >> 28 & 1) != 0);
}
