namespace Backend.Media;

/// <summary>The sizes that a rendition has, the same for every <see cref="IImageEngine"/>.</summary>
/// <param name="ScaledWidth">Width in pixels that the whole displayed image is resized to.</param>
/// <param name="ScaledHeight">Height in pixels that the whole displayed image is resized to.</param>
/// <param name="Width">Width in pixels of the rendition.</param>
/// <param name="Height">Height in pixels of the rendition.</param>
/// <param name="Left">Pixels of the resized image that are cut off at the left; below zero, a border of so many.</param>
/// <param name="Top">The same at the top.</param>
public readonly record struct RenditionGeometry(
    int ScaledWidth, int ScaledHeight, int Width, int Height, int Left, int Top)
{
    /// <summary>The largest side of a resized image, in pixels: a thin strip that fills a box would be longer than any decoder takes.</summary>
    private const int MaxSide = 65_500;

    /// <summary>Whether something is cut off the resized image.</summary>
    public bool IsCut => Width < ScaledWidth || Height < ScaledHeight;

    /// <summary>Whether there is a border around the resized image.</summary>
    public bool HasBorder => Width > ScaledWidth || Height > ScaledHeight;

    /// <param name="sourceWidth">Displayed width of the source in pixels.</param>
    /// <param name="sourceHeight">Displayed height of the source in pixels.</param>
    /// <param name="spec">What is asked for. Where the engine looks for the focus itself, this assumes the middle.</param>
    public static RenditionGeometry Of(int sourceWidth, int sourceHeight, RenditionSpec spec)
    {
        var (scaled, box) = spec.Fit switch
        {
            ImageFit.Cover => Cover(sourceWidth, sourceHeight, spec),
            ImageFit.Contain => Contain(sourceWidth, sourceHeight, spec),
            ImageFit.Fill => Fill(sourceWidth, sourceHeight, spec),
            _ => Inside(sourceWidth, sourceHeight, spec),
        };
        return new(
            scaled.Width, scaled.Height, box.Width, box.Height,
            Offset(scaled.Width, box.Width, spec.Focus.X), Offset(scaled.Height, box.Height, spec.Focus.Y));
    }

    /// <summary>The whole image within a square.</summary>
    public static RenditionGeometry Within(int sourceWidth, int sourceHeight, int side) =>
        Of(sourceWidth, sourceHeight, new RenditionSpec(side, side, ImageFit.Inside, ImageFormat.Png, 100));

    private static ((int Width, int Height) Scaled, (int Width, int Height) Box) Inside(int width, int height, RenditionSpec spec)
    {
        var scale = ScaleInto(width, height, spec);
        var scaled = (Scale(width, scale), Scale(height, scale));
        return (scaled, scaled);
    }

    /// <summary>The box with the image within; a box that is too large for it shrinks around it.</summary>
    private static ((int Width, int Height) Scaled, (int Width, int Height) Box) Contain(int width, int height, RenditionSpec spec)
    {
        var scale = ScaleInto(width, height, spec);
        var room = scale / Math.Min((double)spec.Width / width, (double)spec.Height / height);
        var scaled = (Scale(width, scale), Scale(height, scale));
        return (scaled, (Math.Max(scaled.Item1, Scale(spec.Width, room)), Math.Max(scaled.Item2, Scale(spec.Height, room))));
    }

    private static ((int Width, int Height) Scaled, (int Width, int Height) Box) Fill(int width, int height, RenditionSpec spec)
    {
        var box = spec.Enlarge ? (spec.Width, spec.Height) : (Math.Min(spec.Width, width), Math.Min(spec.Height, height));
        return (box, box);
    }

    /// <summary>A box that the source cannot fill shrinks first, so that its proportions stay.</summary>
    private static ((int Width, int Height) Scaled, (int Width, int Height) Box) Cover(int width, int height, RenditionSpec spec)
    {
        var room = spec.Enlarge ? 1.0 : Math.Min(1.0, Math.Min((double)width / spec.Width, (double)height / spec.Height));
        var box = (Width: Scale(spec.Width, room), Height: Scale(spec.Height, room));
        var scale = Math.Max((double)box.Width / width, (double)box.Height / height);
        return ((Math.Max(box.Width, Scale(width, scale)), Math.Max(box.Height, Scale(height, scale))), box);
    }

    private static double ScaleInto(int width, int height, RenditionSpec spec)
    {
        var scale = Math.Min((double)spec.Width / width, (double)spec.Height / height);
        return spec.Enlarge ? scale : Math.Min(1.0, scale);
    }

    /// <summary>What has to be cut off, or added, before the part around the focus.</summary>
    private static int Offset(int scaled, int box, double focus) => scaled <= box || Math.Abs(focus - 0.5) < 1e-9
        ? (scaled - box) / 2
        : Math.Clamp((int)Math.Round((focus * scaled) - (box / 2.0), MidpointRounding.AwayFromZero), 0, scaled - box);

    private static int Scale(int length, double scale) =>
        Math.Clamp((int)Math.Round(length * scale, MidpointRounding.AwayFromZero), 1, MaxSide);
}
