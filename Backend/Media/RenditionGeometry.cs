namespace Backend.Media;

/// <summary>
/// The sizes that a rendition has, the same for every <see cref="IImageEngine"/>. Never larger than the source.
/// </summary>
/// <param name="ScaledWidth">Width in pixels that the whole displayed image is resized to.</param>
/// <param name="ScaledHeight">Height in pixels that the whole displayed image is resized to.</param>
/// <param name="Width">Width in pixels of what is cut out of the middle of that.</param>
/// <param name="Height">Height in pixels of what is cut out of the middle of that.</param>
public readonly record struct RenditionGeometry(int ScaledWidth, int ScaledHeight, int Width, int Height)
{
    /// <summary>Pixels cut off at the left.</summary>
    public int Left => (ScaledWidth - Width) / 2;

    /// <summary>Pixels cut off at the top.</summary>
    public int Top => (ScaledHeight - Height) / 2;

    public static RenditionGeometry Of(int sourceWidth, int sourceHeight, int boxWidth, int boxHeight, ImageFit fit) =>
        fit is ImageFit.Cover
            ? Cover(sourceWidth, sourceHeight, boxWidth, boxHeight)
            : Inside(sourceWidth, sourceHeight, boxWidth, boxHeight);

    private static RenditionGeometry Inside(int sourceWidth, int sourceHeight, int boxWidth, int boxHeight)
    {
        var scale = Math.Min(1.0, Math.Min((double)boxWidth / sourceWidth, (double)boxHeight / sourceHeight));
        var width = Scale(sourceWidth, scale);
        var height = Scale(sourceHeight, scale);
        return new(width, height, width, height);
    }

    /// <summary>A box that the source cannot fill shrinks first, so that its proportions stay.</summary>
    private static RenditionGeometry Cover(int sourceWidth, int sourceHeight, int boxWidth, int boxHeight)
    {
        var room = Math.Min(1.0, Math.Min((double)sourceWidth / boxWidth, (double)sourceHeight / boxHeight));
        var width = Scale(boxWidth, room);
        var height = Scale(boxHeight, room);
        var scale = Math.Max((double)width / sourceWidth, (double)height / sourceHeight);
        return new(
            Math.Max(width, Scale(sourceWidth, scale)), Math.Max(height, Scale(sourceHeight, scale)), width, height);
    }

    private static int Scale(int length, double scale) =>
        Math.Max(1, (int)Math.Round(length * scale, MidpointRounding.AwayFromZero));
}
