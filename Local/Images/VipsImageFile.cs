using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Backend.Media;

namespace Local.Images;

/// <summary>
/// An image file whose header was read and passed its limits. Nothing of the picture is decoded before
/// <see cref="Decode"/>. Blocks while it works; for one thread at a time.
/// </summary>
internal sealed partial class VipsImageFile : IDisposable
{
    private readonly MappedFile _file;
    private readonly int _orientation;
    private readonly bool _hasProfile;

    /// <exception cref="ImageRejectedException">No image that is accepted, or beyond a limit.</exception>
    public VipsImageFile(string path, ImageLimits limits)
    {
        _file = new MappedFile(path);
        try
        {
            var format = ImageSignature.Identify(_file.Bytes);
            if (format is ImageFormat.Jpeg)
            {
                JpegStructure.Normalize(_file.Bytes);
            }

            using var source = _file.OpenSource();
            using var header = Load(format, source);
            (Info, _orientation, _hasProfile) = ReadHeader(format, header);
            Check(Info, limits);
            if (format is ImageFormat.Gif)
            {
                CheckCanvas(limits);
            }
        }
        catch
        {
            _file.Dispose();
            throw;
        }
    }

    public ImageInfo Info { get; }

    /// <summary>
    /// The displayed image resized to exactly this size, 8 bits a channel in sRGB or grey, alpha kept, in memory. The
    /// whole file is decoded, so damage anywhere is found.
    /// </summary>
    /// <exception cref="ImageRejectedException">The file is damaged.</exception>
    public VipsObject Decode(int width, int height, CancellationToken ct)
    {
        var (storedWidth, storedHeight) = _orientation >= 5 ? (height, width) : (width, height);
        using var source = _file.OpenSource();
        using var pixels = LibvipsNative.ImageNewMemory();
        _ = LibvipsLibrary.TakeJpegWarnings();
        if (!IsWhole() || !TryWrite(source, storedWidth, storedHeight, pixels, ct) || LibvipsLibrary.TakeJpegWarnings() > 0)
        {
            LibvipsNative.ErrorClear();
            ct.ThrowIfCancellationRequested();
            throw Corrupt();
        }

        ForgetMetadata(pixels);

        // Turned only now: libvips would otherwise decode while it builds the pipeline, where nothing can stop it.
        using var turn = new VipsOperation("autorot").Set("in", pixels);
        return turn.BuildImage();
    }

    public void Dispose() => _file.Dispose();

    /// <summary>A picture or an animation with its end missing is a shorter one to the decoders of these two.</summary>
    private bool IsWhole() =>
        Info.Format is not (ImageFormat.Gif or ImageFormat.WebP) || FileIntegrity.IsComplete(_file.Bytes, Info.Format);

    /// <summary>Decodes and resizes. Its pipeline is closed on return, which is when the last warnings come.</summary>
    private bool TryWrite(VipsObject source, int width, int height, VipsObject target, CancellationToken ct)
    {
        try
        {
            using var image = Resize(source, width, height);
            using var kill = ct.UnsafeRegister(
                static state => LibvipsNative.ImageSetKill((VipsObject)state!, 1), image); // state is what is passed here
            return LibvipsNative.ImageWrite(image, target) == 0;
        }
        catch (VipsException)
        {
            return false;
        }
    }

    /// <summary>
    /// Savers are told to keep no metadata, but not every version of the library obeyed, so there is none left to keep.
    /// Orientation stays until the image was turned; dimensions and such cannot be removed.
    /// </summary>
    private static unsafe void ForgetMetadata(VipsObject pixels, bool keepsTiming = false)
    {
        var fields = LibvipsNative.ImageFields(pixels);
        for (var field = fields; *field != null; field++)
        {
            var name = MemoryMarshal.CreateReadOnlySpanFromNullTerminated(*field);
            var keeps = name.SequenceEqual("orientation"u8)
                || (keepsTiming && (name.SequenceEqual("delay"u8) || name.SequenceEqual("loop"u8)));
            if (!keeps)
            {
                _ = LibvipsNative.ImageRemove(pixels, *field);
            }
        }

        LibvipsNative.FreeStrings(fields);
    }

    private VipsObject Resize(VipsObject source, int width, int height)
    {
        // Only these two shrink while they decode. For others the operation may pick a preview embedded in the file,
        // which need not show the same picture.
        if (Info.Format is ImageFormat.Jpeg or ImageFormat.WebP)
        {
            using var thumbnail = new VipsOperation("thumbnail_source").Set("source", source);
            return Configure(thumbnail, width, height).Set("fail_on", FailOn(Info.Format)).BuildImage();
        }

        using var image = Load(Info.Format, source);
        using var resize = new VipsOperation("thumbnail_image").Set("in", image);
        return Configure(resize, width, height).BuildImage();
    }

    private VipsOperation Configure(VipsOperation thumbnail, int width, int height)
    {
        thumbnail.Set("width", width).Set("height", height).Set("size", "force").Set("no_rotate", "true");
        return _hasProfile ? thumbnail.Set("export_profile", "srgb") : thumbnail;
    }

    private static VipsObject Load(ImageFormat format, VipsObject source)
    {
        try
        {
            using var load = new VipsOperation(format switch
            {
                ImageFormat.Jpeg => "jpegload_source",
                ImageFormat.Png => "pngload_source",
                ImageFormat.WebP => "webpload_source",
                ImageFormat.Gif => "gifload_source",
                ImageFormat.Tiff => "tiffload_source",
                _ => "heifload_source",
            });
            return load.Set("source", source).Set("access", "sequential").Set("fail_on", FailOn(format)).BuildImage();
        }
        catch (VipsException e) when (e.IsMissing || (format is ImageFormat.Heic && !HeicSupport.IsAvailable))
        {
            throw Unsupported(format);
        }
        catch (VipsException)
        {
            throw Corrupt();
        }
    }

    /// <summary>By default libvips fills what it cannot decode with grey. TIFF warns of every private tag.</summary>
    private static string FailOn(ImageFormat format) => format is ImageFormat.Tiff ? "error" : "warning";

    private static (ImageInfo Info, int Orientation, bool HasProfile) ReadHeader(ImageFormat format, VipsObject header)
    {
        if (format is ImageFormat.Heic && !HeicSupport.IsAvailable)
        {
            throw Unsupported(format); // its header can be read everywhere
        }

        var orientation = LibvipsNative.ImageOrientation(header);
        var (width, height) = (LibvipsNative.ImageWidth(header), LibvipsNative.ImageHeight(header));
        if (orientation >= 5)
        {
            (width, height) = (height, width);
        }

        var frames = LibvipsNative.ImageTypeOf(header, "n-pages") != 0
            && LibvipsNative.ImageGetInt(header, "n-pages", out var pages) == 0 ? Math.Max(1, pages) : 1;
        var hasAlpha = LibvipsNative.ImageHasAlpha(header) != 0;
        var info = new ImageInfo(format, width, height, frames, hasAlpha) { Exif = ReadExif(header) };
        return (info, orientation, HasUsableProfile(header));
    }

    private static unsafe ReadOnlyMemory<byte> ReadExif(VipsObject header)
    {
        const string Exif = "exif-data";
        return LibvipsNative.ImageTypeOf(header, Exif) != 0
            && LibvipsNative.ImageGetBlob(header, Exif, out var data, out var length) == 0
            && length is > 0 and <= ImageInfo.MaxExifBytes
            ? new ReadOnlySpan<byte>(data, (int)length).ToArray()
            : default(ReadOnlyMemory<byte>);
    }

    /// <summary>A profile for another kind of pixels than the file's is ignored, as viewers do.</summary>
    private static unsafe bool HasUsableProfile(VipsObject header)
    {
        const string Profile = "icc-profile-data";
        return LibvipsNative.ImageTypeOf(header, Profile) != 0
            && LibvipsNative.ImageGetBlob(header, Profile, out var data, out var length) == 0
            && LibvipsNative.IsCompatibleProfile(header, data, length) != 0;
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

    /// <summary>The decoder does not believe a canvas that is far larger than the first frame; others would.</summary>
    private void CheckCanvas(ImageLimits limits)
    {
        var canvas = _file.Bytes[6..10];
        Check(
            Info with
            {
                Width = BinaryPrimitives.ReadUInt16LittleEndian(canvas),
                Height = BinaryPrimitives.ReadUInt16LittleEndian(canvas[2..]),
            },
            limits);
    }

    private static ImageRejectedException Corrupt() =>
        new(ImageFault.Corrupt, "The image is damaged or cut short.");

    private static ImageRejectedException Unsupported(ImageFormat format) =>
        new(ImageFault.UnsupportedFormat, $"This server cannot decode {format.ToString().ToUpperInvariant()} images.");
}
