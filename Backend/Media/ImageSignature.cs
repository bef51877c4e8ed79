using System.Text;

namespace Backend.Media;

/// <summary>Tells what a file is by its first bytes, so that nothing else ever reaches a decoder.</summary>
internal static class ImageSignature
{
    /// <summary>How far into a text file a drawing's first tag may lie.</summary>
    private const int TextWindow = 1024;

    /// <exception cref="ImageRejectedException">Not an image, or one of a format that is not accepted.</exception>
    public static ImageFormat Identify(ReadOnlySpan<byte> file)
    {
        if (file.IsEmpty)
        {
            throw new ImageRejectedException(ImageFault.NotAnImage, "The file is empty.");
        }

        return Known(file) ?? throw (IsOtherImage(file)
            ? new ImageRejectedException(
                ImageFault.UnsupportedFormat, "This format is not accepted; use JPEG, PNG, WebP, GIF, AVIF or TIFF.")
            : new ImageRejectedException(ImageFault.NotAnImage, "The file is not an image."));
    }

    private static ImageFormat? Known(ReadOnlySpan<byte> file) => file switch
    {
        [0xFF, 0xD8, 0xFF, ..] => ImageFormat.Jpeg,
        [0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A, ..] => ImageFormat.Png,
        _ when file.StartsWith("GIF87a"u8) || file.StartsWith("GIF89a"u8) => ImageFormat.Gif,
        _ when file.Length >= 12 && file.StartsWith("RIFF"u8) && file[8..].StartsWith("WEBP"u8) => ImageFormat.WebP,
        [(byte)'I', (byte)'I', 42 or 43, 0, ..] or [(byte)'M', (byte)'M', 0, 42 or 43, ..] => ImageFormat.Tiff,
        _ when file.Length >= 16 && file[4..].StartsWith("ftyp"u8) => FromBrands(file),
        _ => null,
    };

    /// <summary>
    /// ISO base media files (HEIF is one, MP4 another) list the brands that they conform to: the major one first, then
    /// a version, then the compatible ones.
    /// </summary>
    private static ImageFormat? FromBrands(ReadOnlySpan<byte> file)
    {
        var end = (int)Math.Min(System.Buffers.Binary.BinaryPrimitives.ReadUInt32BigEndian(file), (uint)file.Length);
        for (var at = 8; at + 4 <= end; at += at == 8 ? 8 : 4)
        {
            switch (Encoding.Latin1.GetString(file.Slice(at, 4)))
            {
                case "avif" or "avis":
                    return ImageFormat.Avif;
                case "heic" or "heix" or "heim" or "heis" or "hevc" or "hevx":
                    return ImageFormat.Heic;
            }
        }

        return null;
    }

    /// <summary>Formats that a person would call an image, so that the refusal can say so.</summary>
    private static bool IsOtherImage(ReadOnlySpan<byte> file) => file switch
    {
        [(byte)'B', (byte)'M', _, _, _, _, 0, 0, 0, 0, ..] => true,
        [0, 0, 1, 0, > 0, 0, ..] => true, // Windows icon
        [0xFF, 0x0A, ..] => true, // JPEG XL codestream
        _ when file.StartsWith("\0\0\0\fJXL "u8) || file.StartsWith("\0\0\0\fjP  "u8) => true,
        _ when file.StartsWith("8BPS"u8) || file.StartsWith("%PDF-"u8) || file.StartsWith("%!PS"u8) => true,
        _ => IsSvg(file[..Math.Min(file.Length, TextWindow)]),
    };

    private static bool IsSvg(ReadOnlySpan<byte> start)
    {
        var text = Encoding.Latin1.GetString(start).TrimStart('\u00EF', '\u00BB', '\u00BF', ' ', '\r', '\n', '\t');
        return (text.StartsWith("<svg", StringComparison.OrdinalIgnoreCase)
            || text.StartsWith("<?xml", StringComparison.OrdinalIgnoreCase)
            || text.StartsWith("<!--", StringComparison.Ordinal)
            || text.StartsWith("<!DOCTYPE svg", StringComparison.OrdinalIgnoreCase))
            && text.Contains("<svg", StringComparison.OrdinalIgnoreCase);
    }
}
