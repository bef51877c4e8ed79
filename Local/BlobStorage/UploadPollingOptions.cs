using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Local.BlobStorage;

/// <summary>Section <c>UploadPolling</c>: how the embedded host learns of uploads to Blob Storage.</summary>
internal sealed class UploadPollingOptions : IValidatableObject
{
    public const string Section = "UploadPolling";

    /// <summary>
    /// How often a slot that was just announced is looked at; one that stays empty is looked at ever more rarely, after
    /// another twentieth of its age. At least 50 milliseconds, at most a minute.
    /// </summary>
    public TimeSpan Interval { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// How long handing on one upload may take, which others may wait for; then it is left alone and tried again. At most
    /// an hour.
    /// </summary>
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>In code: the attribute for a range of times needs reflection, which trimming does not allow.</summary>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Interval < TimeSpan.FromMilliseconds(50) || Interval > TimeSpan.FromMinutes(1))
        {
            yield return new ValidationResult("must be between 50 milliseconds and a minute", [nameof(Interval)]);
        }

        if (Timeout < TimeSpan.FromSeconds(1) || Timeout > TimeSpan.FromHours(1))
        {
            yield return new ValidationResult("must be between a second and an hour", [nameof(Timeout)]);
        }
    }
}

[OptionsValidator]
internal sealed partial class UploadPollingOptionsValidator : IValidateOptions<UploadPollingOptions>;
