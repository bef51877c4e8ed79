using System.Globalization;

namespace Backend.Media;

/// <summary>How models and queries state an <see cref="ImageFocus"/>.</summary>
internal static class FocusText
{
    public const string Expected = "center, attention, or a point such as 0.5,0.25";

    public static bool TryParse(string text, out ImageFocus focus)
    {
        focus = text == "attention" ? ImageFocus.Attention : ImageFocus.Center;
        if (text is "attention" or "center")
        {
            return true;
        }

        if (text.Split(',') is not [var left, var top] || !TryRead(left, out var x) || !TryRead(top, out var y))
        {
            return false;
        }

        focus = new ImageFocus(x, y);
        return true;
    }

    /// <summary>In whole percent, so that a few images serve all who ask for about the same.</summary>
    public static string Format(ImageFocus focus) => focus.IsAttention
        ? "attention"
        : string.Create(CultureInfo.InvariantCulture, $"{focus.X:0.##},{focus.Y:0.##}");

    private static bool TryRead(string text, out double value)
    {
        var isNumber = double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out value);
        value = Math.Round(value, 2, MidpointRounding.AwayFromZero);
        return isNumber && value is >= 0 and <= 1;
    }
}
