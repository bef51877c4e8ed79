using Backend.Media;

namespace Local.Images;

/// <summary>Animations: all frames in memory, one below the other, as libvips has them.</summary>
internal sealed partial class VipsImageFile
{
    /// <summary>Whether all frames can be rendered, by what is asked for, what there is and what fits into memory.</summary>
    public bool CanAnimate(RenditionSpec spec, RenditionGeometry geometry, ImageLimits limits) =>
        spec is { IsAnimated: true, Format: ImageFormat.WebP }
        && Info is { Frames: > 1, Format: ImageFormat.Gif or ImageFormat.WebP }
        && _orientation <= 1
        && (long)Info.Width * Info.Height * Info.Frames <= limits.MaxAnimationPixels
        && (long)geometry.Width * geometry.Height * Info.Frames <= limits.MaxAnimationPixels;

    /// <summary>All frames, resized and placed, which the caller disposes.</summary>
    /// <exception cref="ImageRejectedException">The file is damaged.</exception>
    public IReadOnlyList<VipsObject> DecodeFrames(RenditionSpec spec, RenditionGeometry geometry, CancellationToken ct)
    {
        using var source = _file.OpenSource();
        using var all = LibvipsNative.ImageNewMemory();
        if (!IsWhole() || !TryLoadAll(source, all, ct))
        {
            LibvipsNative.ErrorClear();
            ct.ThrowIfCancellationRequested();
            throw Corrupt();
        }

        var frames = new List<VipsObject>();
        try
        {
            for (var i = 0; i < Info.Frames; i++)
            {
                ct.ThrowIfCancellationRequested();
                frames.Add(MakeFrame(all, i, spec, geometry));
            }

            return frames;
        }
        catch
        {
            frames.ForEach(static frame => frame.Dispose());
            throw;
        }
    }

    private bool TryLoadAll(VipsObject source, VipsObject target, CancellationToken ct)
    {
        try
        {
            using var load = new VipsOperation(Info.Format is ImageFormat.Gif ? "gifload_source" : "webpload_source");
            using var image = load.Set("source", source).Set("n", -1).Set("access", "sequential")
                .Set("fail_on", FailOn(Info.Format)).BuildImage();
            using var kill = ct.UnsafeRegister(
                static state => LibvipsNative.ImageSetKill((VipsObject)state!, 1), image); // state is what is passed here
            return LibvipsNative.ImageWrite(image, target) == 0
                && LibvipsNative.ImageHeight(target) == Info.Height * Info.Frames;
        }
        catch (VipsException)
        {
            return false;
        }
    }

    private VipsObject MakeFrame(VipsObject all, int index, RenditionSpec spec, RenditionGeometry geometry)
    {
        using var cut = new VipsOperation("extract_area").Set("input", all)
            .Set("left", 0).Set("top", index * Info.Height).Set("width", Info.Width).Set("height", Info.Height);
        using var frame = cut.BuildImage();
        using var resize = new VipsOperation("thumbnail_image").Set("in", frame);
        using var resized = Configure(resize, geometry.ScaledWidth, geometry.ScaledHeight).BuildImage();
        using var placed = VipsEncoder.Place(resized, spec, geometry);
        var pixels = LibvipsNative.ImageNewMemory();
        if (LibvipsNative.ImageWrite(placed ?? resized, pixels) != 0)
        {
            pixels.Dispose();
            throw new VipsException("write");
        }

        ForgetMetadata(pixels, keepsTiming: true);
        return pixels;
    }
}
