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

    internal ImageLimits Limits => new(MaxPixels, MaxFrames, TimeSpan.FromSeconds(TimeoutSeconds));
}

[OptionsValidator]
internal sealed partial class MediaOptionsValidator : IValidateOptions<MediaOptions>;
