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
    }.ToFrozenDictionary();

    private static readonly FrozenDictionary<string, ImageFormat> Formats = new Dictionary<string, ImageFormat>
    {
        ["webp"] = ImageFormat.WebP,
        ["jpeg"] = ImageFormat.Jpeg,
        ["png"] = ImageFormat.Png,
        ["avif"] = ImageFormat.Avif,
    }.ToFrozenDictionary();

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

            var spec = new RenditionSpec(
                Side(reader, "width"),
                Side(reader, "height"),
                reader.Choice("fit", Fits) ?? ImageFit.Inside,
                reader.Choice("format", Formats) ?? ImageFormat.WebP,
                reader.OptionalCount("quality", 100) ?? 80);
            reader.RejectUnknown();
            presets[name] = spec;
        }

        if (presets.Count == 0)
        {
            root.Error("presets", "at least one preset is needed");
        }

        root.RejectUnknown();
        return presets.ToFrozenDictionary(StringComparer.Ordinal);
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
