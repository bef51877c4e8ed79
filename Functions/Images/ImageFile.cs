using Backend.Media;
using SixLabors.ImageSharp;
using SixLabors.ImageSharp.Formats;
using SixLabors.ImageSharp.Formats.Gif;
using SixLabors.ImageSharp.Formats.Jpeg;
using SixLabors.ImageSharp.Formats.Png;
using SixLabors.ImageSharp.Formats.Tiff;
using SixLabors.ImageSharp.Formats.Webp;
using SixLabors.ImageSharp.Memory;
using SixLabors.ImageSharp.Metadata.Profiles.Exif;
using SixLabors.ImageSharp.PixelFormats;
using SixLabors.ImageSharp.Processing;
using DecodedInfo = SixLabors.ImageSharp.ImageInfo;
using ImageInfo = Backend.Media.ImageInfo;

namespace Functions.Images;

/// <summary>
/// An image file whose header was read and passed its limits. Nothing of the picture is decoded before
/// <see cref="DecodeAsync"/>.
/// </summary>
internal sealed class ImageFile
{
    /// <summary>
    /// The largest single buffer. The picture is checked against its limits before; this is for what a header does not
    /// tell, such as a decoder's own tables.
    /// </summary>
    private const int AllocationLimitMegabytes = 1024;

    private static readonly Configuration Decoders = new(
        new JpegConfigurationModule(),
        new PngConfigurationModule(),
        new GifConfigurationModule(),
        new WebpConfigurationModule(),
        new TiffConfigurationModule())
    {
        MemoryAllocator = MemoryAllocator.Create(new MemoryAllocatorOptions { AllocationLimitMegabytes = AllocationLimitMegabytes }),
        // Operations are bounded as a whole; one must not take the cores of the others.
        MaxDegreeOfParallelism = 1,
    };

    private readonly byte[] _content;
    private readonly ushort _orientation;
    private readonly bool _hasProfile;

    private ImageFile(byte[] content, ImageFormat format, DecodedInfo header)
    {
        _content = content;
        _orientation = OrientationOf(header);
        var (width, height) = _orientation >= 5 ? (header.Height, header.Width) : (header.Width, header.Height);
        // Like the other engine, a PNG is its first picture.
        var frames = format is ImageFormat.Png ? 1 : Math.Max(1, header.FrameMetadataCollection.Count);
        _hasProfile = header.Metadata.IccProfile is not null;
        Info = new ImageInfo(format, width, height, frames, ImageTraits.HasAlpha(content, format, header))
        {
            Exif = header.Metadata.ExifProfile?.ToByteArray() is { Length: <= ImageInfo.MaxExifBytes } exif ? exif : default,
        };
    }

    public ImageInfo Info { get; }

    /// <exception cref="ImageRejectedException">No image that is accepted, or beyond a limit.</exception>
    public static async Task<ImageFile> OpenAsync(string path, ImageLimits limits, CancellationToken ct)
    {
        var content = await File.ReadAllBytesAsync(path, ct);
        var format = ImageSignature.Identify(content);
        if (format is ImageFormat.Avif or ImageFormat.Heic)
        {
            throw new ImageRejectedException(ImageFault.UnsupportedFormat, $"This server cannot decode {format.ToString().ToUpperInvariant()} images.");
        }

        if (format is ImageFormat.Jpeg)
        {
            JpegStructure.Normalize(content);
        }

        var header = await DecodingAsync(() => Image.IdentifyAsync(
            new DecoderOptions { Configuration = Decoders }, new MemoryStream(content), ct));
        var file = new ImageFile(content, format, header);
        Check(file.Info, limits);
        return file;
    }

    /// <summary>Whether all frames can be rendered, by what is asked for, what there is and what fits into memory.</summary>
    public bool CanAnimate(RenditionSpec spec, RenditionGeometry geometry, ImageLimits limits) =>
        spec is { IsAnimated: true, Format: ImageFormat.WebP }
        && Info is { Frames: > 1, Format: ImageFormat.Gif or ImageFormat.WebP }
        && _orientation <= 1
        && !_hasProfile
        && (long)Info.Width * Info.Height * Info.Frames <= limits.MaxAnimationPixels
        && (long)geometry.Width * geometry.Height * Info.Frames <= limits.MaxAnimationPixels;

    /// <summary>The displayed image resized to exactly this size, in sRGB. The whole file is decoded.</summary>
    /// <param name="width">In pixels.</param>
    /// <param name="height">In pixels.</param>
    /// <param name="allFrames">Whether an animation keeps its frames.</param>
    /// <param name="ct">Cancels.</param>
    /// <exception cref="ImageRejectedException">The file is damaged.</exception>
    public async Task<Image<Rgba32>> DecodeAsync(int width, int height, bool allFrames, CancellationToken ct)
    {
        if (!FileIntegrity.IsComplete(_content, Info.Format))
        {
            throw Corrupt();
        }

        var stored = _orientation >= 5 ? new Size(height, width) : new Size(width, height);
        var image = await DecodingAsync(() => LoadAsync(stored, allFrames, ct));
        try
        {
            ct.ThrowIfCancellationRequested();
            image.Mutate(Decoders, picture => picture.Resize(new ResizeOptions
            {
                Size = stored,
                Mode = ResizeMode.Stretch,
                Sampler = KnownResamplers.Lanczos3,
            }));
            if (!ImageTraits.IsGrey(image.Metadata) && image.Metadata.IccProfile?.ToByteArray() is { } profile)
            {
                MatrixProfile.TryParse(profile)?.ConvertToSrgb(image);
            }

            image.Mutate(Decoders, Orient);
            return image;
        }
        catch
        {
            image.Dispose();
            throw;
        }
    }

    private Task<Image<Rgba32>> LoadAsync(Size size, bool allFrames, CancellationToken ct)
    {
        var content = new MemoryStream(_content);
        var general = new DecoderOptions { Configuration = Decoders, MaxFrames = allFrames ? (uint)Info.Frames : 1 };
        if (Info.Format is not ImageFormat.Jpeg)
        {
            return Image.LoadAsync<Rgba32>(general, content, ct);
        }

        // The one format that can be shrunk while it is decoded: by 2, 4 or 8, and never below the size.
        return JpegDecoder.Instance.DecodeAsync<Rgba32>(
            new JpegDecoderOptions
            {
                GeneralOptions = new DecoderOptions { Configuration = Decoders, TargetSize = size },
                ResizeMode = JpegDecoderResizeMode.IdctOnly,
            },
            content, ct);
    }

    private void Orient(IImageProcessingContext picture)
    {
        var (rotate, flip) = _orientation switch
        {
            2 => (RotateMode.None, FlipMode.Horizontal),
            3 => (RotateMode.Rotate180, FlipMode.None),
            4 => (RotateMode.Rotate180, FlipMode.Horizontal),
            5 => (RotateMode.Rotate90, FlipMode.Horizontal),
            6 => (RotateMode.Rotate90, FlipMode.None),
            7 => (RotateMode.Rotate270, FlipMode.Horizontal),
            8 => (RotateMode.Rotate270, FlipMode.None),
            _ => (RotateMode.None, FlipMode.None),
        };
        picture.RotateFlip(rotate, flip);
    }

    private static ushort OrientationOf(DecodedInfo header)
    {
        var profile = header.Metadata.ExifProfile
            ?? (header.FrameMetadataCollection is [var first, ..] ? first.ExifProfile : null);
        return profile?.TryGetValue(ExifTag.Orientation, out var value) is true && value.Value is >= 1 and <= 8
            ? value.Value
            : (ushort)1;
    }

    /// <summary>The bytes are in memory, so whatever goes wrong in a decoder is the file's doing.</summary>
    private static async Task<T> DecodingAsync<T>(Func<Task<T>> decode)
    {
        try
        {
            return await decode();
        }
        catch (InvalidMemoryOperationException)
        {
            throw new ImageRejectedException(ImageFault.TooManyPixels, "Decoding the image takes more memory than is allowed.");
        }
        catch (NotSupportedException)
        {
            throw new ImageRejectedException(ImageFault.UnsupportedFormat, "This server cannot decode this kind of image.");
        }
        catch (Exception exception) when (exception is not OperationCanceledException and not OutOfMemoryException)
        {
            throw Corrupt();
        }
    }

    private static void Check(ImageInfo info, ImageLimits limits)
    {
        if (info.Frames > limits.MaxFrames)
        {
            throw new ImageRejectedException(
                ImageFault.TooManyFrames, $"The image has {info.Frames} frames; {limits.MaxFrames} are allowed.");
        }

        if ((Int128)info.Width * info.Height * info.Frames > limits.MaxPixels)
        {
            var frames = info.Frames > 1 ? $" in {info.Frames} frames" : "";
            throw new ImageRejectedException(
                ImageFault.TooManyPixels,
                $"The image has {info.Width} x {info.Height} pixels{frames}; {limits.MaxPixels} in all are allowed.");
        }
    }

    private static ImageRejectedException Corrupt() => new(ImageFault.Corrupt, "The image is damaged or cut short.");
}
