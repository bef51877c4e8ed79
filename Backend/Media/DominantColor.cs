using System.Globalization;

namespace Backend.Media;

/// <summary>The colour that covers most of an image: the fullest cell of a coarse histogram, averaged.</summary>
internal static class DominantColor
{
    /// <returns><c>#rrggbb</c> in sRGB.</returns>
    public static string Find(PixelGrid image)
    {
        // Eight steps a channel: coarse enough to gather the shades of one surface, fine enough to keep hues apart.
        var cells = new (int Count, int R, int G, int B)[512];
        var rgb = image.Rgb.Span;
        for (var i = 0; i + 2 < rgb.Length; i += 3)
        {
            ref var cell = ref cells[(rgb[i] >> 5 << 6) | (rgb[i + 1] >> 5 << 3) | (rgb[i + 2] >> 5)];
            cell = (cell.Count + 1, cell.R + rgb[i], cell.G + rgb[i + 1], cell.B + rgb[i + 2]);
        }

        var (count, r, g, b) = cells.MaxBy(cell => cell.Count);
        return string.Create(CultureInfo.InvariantCulture, $"#{r / count:x2}{g / count:x2}{b / count:x2}");
    }
}
