using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Backend.Media;

/// <summary>Limits of media. Section <c>Media</c>.</summary>
public sealed class MediaOptions
{
    /// <summary>The largest upload, in bytes. Default: 25 MiB.</summary>
    [Range(1_024, 1_073_741_824)]
    public long MaxUploadBytes { get; set; } = 25 * 1_048_576;

    /// <summary>How long an upload URL works, in minutes. Default: 15.</summary>
    [Range(1, 1_440)]
    public int UploadUrlMinutes { get; set; } = 15;

    /// <summary>
    /// How long the URL of a rendition works at least, in hours; at most twice that, since all URLs made within one such
    /// period are the same, so that phones can cache them. Default: 24.
    /// </summary>
    [Range(1, 8_760)]
    public int ImageUrlHours { get; set; } = 24;

    /// <summary>The most pixels of an image, all frames together. Default: 100 million.</summary>
    [Range(1, 2_000_000_000)]
    public long MaxPixels { get; set; } = 100_000_000;

    /// <summary>The most frames or pages of an image. Default: 200.</summary>
    [Range(1, 10_000)]
    public int MaxFrames { get; set; } = 200;

    /// <summary>How long decoding and encoding of one rendition may take, in seconds. Default: 30.</summary>
    [Range(1, 600)]
    public int TimeoutSeconds { get; set; } = 30;

    /// <summary>How many media records, slots that wait for their upload included, a user may own. Default: no limit.</summary>
    [Range(1, 100_000_000)]
    public long? MaxUserCount { get; set; }

    /// <summary>How many bytes of uploads, as announced, a user may own. Default: no limit.</summary>
    [Range(1_024, 1_099_511_627_776)]
    public long? MaxUserBytes { get; set; }

    /// <summary>
    /// How long after its upload URL has expired a slot that was never used is removed, in minutes: for uploads that are
    /// under way, and for events that come late. Default: 60.
    /// </summary>
    [Range(1, 10_080)]
    public int UnusedSlotMinutes { get; set; } = 60;

    /// <summary>Whether images are served by preset only, and not as each URL states. Default: no.</summary>
    public bool PresetsOnly { get; set; }

    /// <summary>
    /// The widths, in device pixels, that images made on demand can have; what is asked for becomes the next larger one.
    /// Ascending. Default: <see cref="DefaultWidths"/>.
    /// </summary>
    public IList<int> Widths { get; set; } = [];

    /// <summary>What images made on demand can be encoded as: webp, jpeg, png, avif. Default: webp, jpeg, png.</summary>
    public IList<string> Formats { get; set; } = [];

    /// <summary>
    /// What a client that names it in Accept gets, the best first, before JPEG or, with transparency, PNG. AVIF takes some
    /// ten times as long to make. Default: webp.
    /// </summary>
    public IList<string> NegotiatedFormats { get; set; } = [];

    /// <summary>The quality of images made on demand when the URL states none. Default: 75.</summary>
    [Range(1, 100)]
    public int TransformQuality { get; set; } = 75;

    /// <summary>The lowest quality that may be asked for. Default: 30.</summary>
    [Range(1, 100)]
    public int MinTransformQuality { get; set; } = 30;

    /// <summary>The highest quality that may be asked for. Default: 90.</summary>
    [Range(1, 100)]
    public int MaxTransformQuality { get; set; } = 90;

    /// <summary>How many images are made on demand at the same time, those that wait for their turn included. Default: 100.</summary>
    [Range(1, 10_000)]
    public int MaxPendingTransforms { get; set; } = 100;

    /// <summary>The ladder of widths when none is set.</summary>
    internal static IReadOnlyList<int> DefaultWidths { get; } =
        [32, 64, 96, 128, 192, 256, 320, 480, 640, 768, 960, 1_080, 1_280, 1_600, 1_920, 2_400, 3_200, 3_840];

    internal IReadOnlyList<int> Ladder => Widths is { Count: > 0 } ? [.. Widths] : DefaultWidths;

    internal IReadOnlyList<string> TransformFormats => Formats is { Count: > 0 } ? [.. Formats] : ["webp", "jpeg", "png"];

    internal IReadOnlyList<string> AutoFormats => NegotiatedFormats is { Count: > 0 } ? [.. NegotiatedFormats] : ["webp"];

    internal ImageLimits Limits => new(MaxPixels, MaxFrames, TimeSpan.FromSeconds(TimeoutSeconds));
}

[OptionsValidator]
internal sealed partial class MediaOptionsValidator : IValidateOptions<MediaOptions>;

/// <summary>Checks what attributes cannot say.</summary>
internal sealed class TransformOptionsValidator : IValidateOptions<MediaOptions>
{
    /// <summary>The most pixels of a side, as presets have it.</summary>
    private const int MaxWidth = 8_192;

    public ValidateOptionsResult Validate(string? name, MediaOptions options)
    {
        var errors = new List<string>();
        if (options.Widths.Any(width => width is < 1 or > MaxWidth) || options.Widths.Zip(options.Widths.Skip(1)).Any(pair => pair.First >= pair.Second))
        {
            errors.Add($"Media:Widths must be from 1 to {MaxWidth} and ascending");
        }

        errors.AddRange(options.Formats.Concat(options.NegotiatedFormats)
            .Where(format => !Model.PresetReader.Encodings.ContainsKey(format))
            .Select(format => $"Media:Formats and Media:NegotiatedFormats take webp, jpeg, png and avif, not {format}"));
        if (options.MinTransformQuality > options.TransformQuality || options.TransformQuality > options.MaxTransformQuality)
        {
            errors.Add("Media:TransformQuality must lie between Media:MinTransformQuality and Media:MaxTransformQuality");
        }

        return errors.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(errors);
    }
}
