using System.Collections.Frozen;
using System.Text.RegularExpressions;
using Backend.Media;

namespace Backend.Model;

/// <summary>Reads <c>media.json</c>: the renditions that every image gets.</summary>
internal static partial class PresetReader
{
    private const int MaxSide = 8192;

    private static readonly FrozenDictionary<string, ImageFit> Fits = new Dictionary<string, ImageFit>
    {
        ["inside"] = ImageFit.Inside,
        ["cover"] = ImageFit.Cover,
        ["contain"] = ImageFit.Contain,
        ["fill"] = ImageFit.Fill,
    }.ToFrozenDictionary();

    private static readonly FrozenDictionary<string, ImageFormat> Formats = new Dictionary<string, ImageFormat>
    {
        ["webp"] = ImageFormat.WebP,
        ["jpeg"] = ImageFormat.Jpeg,
        ["png"] = ImageFormat.Png,
        ["avif"] = ImageFormat.Avif,
    }.ToFrozenDictionary();

    /// <summary>The format that is chosen by what each client accepts: this one, unless a client does not.</summary>
    private const string Auto = "auto";

    /// <summary>The names of the fit modes, as queries state them, too.</summary>
    public static IReadOnlyDictionary<string, ImageFit> FitModes => Fits;

    /// <summary>The names of the encodings of renditions, as queries state them, too.</summary>
    public static IReadOnlyDictionary<string, ImageFormat> Encodings => Formats;

    /// <summary>The presets of a model without <c>media.json</c>.</summary>
    public static FrozenDictionary<string, RenditionSpec> Defaults { get; } = new Dictionary<string, RenditionSpec>
    {
        ["thumb"] = new(320, 320, ImageFit.Cover, ImageFormat.WebP, 75),
        ["display"] = new(1600, 1600, ImageFit.Inside, ImageFormat.WebP, 80),
    }.ToFrozenDictionary(StringComparer.Ordinal);

    public static FrozenDictionary<string, RenditionSpec> Read(JsonNodeReader root)
    {
        var presets = new Dictionary<string, RenditionSpec>(StringComparer.Ordinal);
        foreach (var (name, reader) in root.Members("presets"))
        {
            if (!NamePattern().IsMatch(name))
            {
                reader.Error("", "a preset's name has 1 to 32 small letters, digits and hyphens and starts with a letter");
            }

            presets[name] = ReadPreset(reader);
        }

        if (presets.Count == 0)
        {
            root.Error("presets", "at least one preset is needed");
        }

        return presets.ToFrozenDictionary(StringComparer.Ordinal);
    }

    private static RenditionSpec ReadPreset(JsonNodeReader reader)
    {
        var fit = reader.Choice("fit", Fits) ?? ImageFit.Inside;
        var format = ReadFormat(reader);
        var spec = new RenditionSpec(
            Side(reader, "width"), Side(reader, "height"), fit, format ?? ImageFormat.WebP, reader.OptionalCount("quality", 100) ?? 80)
        {
            Focus = ReadFocus(reader, fit),
            Enlarge = reader.Flag("enlarge"),
            IsAnimated = reader.Flag("animated"),
            IsNegotiated = format is null,
        };
        reader.RejectUnknown();
        return spec;
    }

    /// <summary>Null for the format that is negotiated.</summary>
    private static ImageFormat? ReadFormat(JsonNodeReader reader)
    {
        switch (reader.OptionalString("format"))
        {
            case null:
                return ImageFormat.WebP;
            case Auto:
                return null;
            case var name when Formats.TryGetValue(name, out var format):
                return format;
            case var name:
                reader.Error("format", $"'{name}' is none of {string.Join(", ", Formats.Keys.Append(Auto))}");
                return ImageFormat.WebP;
        }
    }

    private static ImageFocus ReadFocus(JsonNodeReader reader, ImageFit fit)
    {
        if (reader.OptionalString("focus") is not { } text)
        {
            return ImageFocus.Center;
        }

        if (fit is not ImageFit.Cover)
        {
            reader.Error("focus", "only fit cover cuts something off");
        }

        if (FocusText.TryParse(text, out var focus))
        {
            return focus;
        }

        reader.Error("focus", $"'{text}' is not {FocusText.Expected}");
        return ImageFocus.Center;
    }

    private static int Side(JsonNodeReader reader, string property)
    {
        if (reader.Any(property) is null)
        {
            reader.Error(property, "missing");
        }

        return reader.OptionalCount(property, MaxSide) ?? 1;
    }

    [GeneratedRegex(@"^[a-z][a-z0-9-]{0,31}\z")]
    private static partial Regex NamePattern();
}
