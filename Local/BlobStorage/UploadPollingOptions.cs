using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Local.BlobStorage;

/// <summary>Section <c>UploadPolling</c>: how the embedded host learns of uploads to Blob Storage.</summary>
internal sealed class UploadPollingOptions
{
    public const string Section = "UploadPolling";

    /// <summary>
    /// How often a slot that was just announced is looked at, in milliseconds; one that stays empty is looked at ever more
    /// rarely, after another twentieth of its age. Default: 250.
    /// </summary>
    [Range(50, 60_000)]
    public int IntervalMilliseconds { get; set; } = 250;

    /// <summary>
    /// How long handing on one upload may take, which others may wait for, in seconds; then it counts as failed and is tried again.
    /// Default: 30.
    /// </summary>
    [Range(1, 3_600)]
    public int TimeoutSeconds { get; set; } = 30;
}

[OptionsValidator]
internal sealed partial class UploadPollingOptionsValidator : IValidateOptions<UploadPollingOptions>;
