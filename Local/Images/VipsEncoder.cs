using Backend.Media;

namespace Local.Images;

/// <summary>Turns a decoded image into the bytes of a rendition.</summary>
internal static class VipsEncoder
{
    private const string White = "255 255 255";

    /// <param name="image">The displayed image, resized; not disposed here.</param>
    /// <param name="spec">The encoding and its quality.</param>
    /// <param name="geometry">What is cut out of the image.</param>
    public static VipsBlob Encode(VipsObject image, RenditionSpec spec, RenditionGeometry geometry)
    {
        using var cut = Place(image, spec, geometry);
        using var flat = spec.Format is ImageFormat.Jpeg ? Flatten(cut ?? image) : null;
        using var save = Saver(spec).Set("in", flat ?? cut ?? image);
        return save.Set("keep", "none").BuildBlob();
    }

    /// <summary>An animation of frames that are placed already and keep what their file says of its timing.</summary>
    public static VipsBlob Encode(IReadOnlyList<VipsObject> frames, RenditionSpec spec, RenditionGeometry geometry)
    {
        // Libvips keeps an animation as one tall image.
        using var join = new VipsOperation("arrayjoin").Set("in", frames).Set("across", 1);
        using var tall = join.BuildImage();
        LibvipsNative.ImageSetInt(tall, "page-height", geometry.Height);
        using var save = Saver(spec).Set("in", tall);
        return save.Set("keep", "none").BuildBlob();
    }

    /// <summary>The image on white; null when it has no alpha.</summary>
    public static VipsObject? Flatten(VipsObject image)
    {
        if (LibvipsNative.ImageHasAlpha(image) == 0)
        {
            return null;
        }

        // As many numbers as there are colour channels: one number more would make grey into colour.
        var background = LibvipsNative.ImageBands(image) == 2 ? "255" : White;
        using var flatten = new VipsOperation("flatten").Set("in", image).Set("background", background);
        return flatten.BuildImage();
    }

    /// <summary>Cuts off what is too much, or adds a border; null when the image is as it should be.</summary>
    public static VipsObject? Place(VipsObject image, RenditionSpec spec, RenditionGeometry geometry)
    {
        if (!geometry.IsCut && !geometry.HasBorder)
        {
            return null;
        }

        using var place = geometry.HasBorder ? Border(geometry) : spec.Focus.IsAttention ? Attention() : Cut(geometry);
        return place
            .Set(geometry.HasBorder ? "in" : "input", image)
            .Set("width", geometry.Width)
            .Set("height", geometry.Height)
            .BuildImage();
    }

    private static VipsOperation Cut(RenditionGeometry geometry) =>
        new VipsOperation("extract_area").Set("left", geometry.Left).Set("top", geometry.Top);

    private static VipsOperation Attention() => new VipsOperation("smartcrop").Set("interesting", "attention");

    /// <summary>One number of the background is for all channels, alpha too: opaque white.</summary>
    private static VipsOperation Border(RenditionGeometry geometry) => new VipsOperation("embed")
        .Set("x", -geometry.Left).Set("y", -geometry.Top).Set("extend", "background").Set("background", "255");

    private static VipsOperation Saver(RenditionSpec spec) => spec.Format switch
    {
        ImageFormat.Jpeg => new VipsOperation("jpegsave_buffer").Set("Q", spec.Quality).Set("optimize_coding", "true"),
        ImageFormat.WebP => new VipsOperation("webpsave_buffer").Set("Q", spec.Quality),
        ImageFormat.Png => new VipsOperation("pngsave_buffer"),
        ImageFormat.Avif => new VipsOperation("heifsave_buffer")
            .Set("compression", "av1").Set("Q", spec.Quality).Set("effort", AvifEffort),
        _ => throw new ArgumentException($"Renditions cannot be encoded as {spec.Format}.", nameof(spec)),
    };

    /// <summary>0 to 9. Each step costs about half as much time again; above this one files hardly shrink.</summary>
    private const int AvifEffort = 3;
}
