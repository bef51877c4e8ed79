using System.Globalization;

namespace Backend.Media.Delivery;

/// <summary>
/// An image made on demand, in its one spelling: sizes in device pixels on the ladder of widths, the focus in whole percent,
/// the quality in steps. Few different images serve all who ask for about the same.
/// </summary>
internal sealed record ImageTransform
{
    /// <summary>What stands for a side that is not limited.</summary>
    private const int Unlimited = 65_500;

    /// <summary>The box's width in pixels; null when only the height is limited.</summary>
    public int? Width { get; init; }

    /// <summary>The box's height in pixels; null when only the width is limited.</summary>
    public int? Height { get; init; }

    public ImageFit Fit { get; init; }

    public ImageFocus Focus { get; init; } = ImageFocus.Center;

    public bool Enlarge { get; init; }

    public bool IsAnimated { get; init; }

    public required int Quality { get; init; }

    /// <summary>The encoding; null for what each client accepts.</summary>
    public ImageFormat? Format { get; init; }

    /// <summary>The same image as a preset makes.</summary>
    public static ImageTransform Of(RenditionSpec preset) => new()
    {
        Width = preset.Width,
        Height = preset.Height,
        Fit = preset.Fit,
        Focus = preset.Focus,
        Enlarge = preset.Enlarge,
        IsAnimated = preset.IsAnimated,
        Quality = preset.Quality,
        Format = preset.IsNegotiated ? null : preset.Format,
    };

    public RenditionSpec ToSpec(ImageFormat format) =>
        new(Width ?? Unlimited, Height ?? Unlimited, Fit, format, Quality) { Focus = Focus, Enlarge = Enlarge, IsAnimated = IsAnimated };

    /// <summary>The query of a URL, without what signs it.</summary>
    public string ToQuery()
    {
        var parts = new List<string>();
        Add("w", Width);
        Add("h", Height);
        if (Fit is not ImageFit.Inside)
        {
            parts.Add($"fit={NameOf(Fit)}");
        }

        if (Focus != ImageFocus.Center)
        {
            parts.Add($"focus={FocusText.Format(Focus)}");
        }

        if (Enlarge)
        {
            parts.Add("enlarge=true");
        }

        if (IsAnimated)
        {
            parts.Add("animated=true");
        }

        Add("q", Quality);
        parts.Add($"format={(Format is { } format ? ImageFormats.NameOf(format) : TransformQuery.Auto)}");
        return string.Join('&', parts);

        void Add(string name, int? value)
        {
            if (value is { } number)
            {
                parts.Add(string.Create(CultureInfo.InvariantCulture, $"{name}={number}"));
            }
        }
    }

    /// <summary>What the image's file is called, once its encoding is known; presets' names have no dots.</summary>
    public string FileName(ImageFormat format)
    {
        var focus = Focus.IsAttention ? "attention" : string.Create(CultureInfo.InvariantCulture, $"{Focus.X * 100:0}x{Focus.Y * 100:0}");
        return string.Create(
            CultureInfo.InvariantCulture,
            $"w{Width ?? 0}.h{Height ?? 0}.{NameOf(Fit)}.{focus}.{(Enlarge ? "e." : "")}{(IsAnimated ? "a." : "")}q{Quality}.{ImageFormats.NameOf(format)}");
    }

    private static string NameOf(ImageFit fit) => Model.PresetReader.FitModes.First(mode => mode.Value == fit).Key;
}
