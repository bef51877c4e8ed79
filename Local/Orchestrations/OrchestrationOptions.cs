using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Local.Orchestrations;

/// <summary>Section <c>Orchestrations</c>: the embedded engine.</summary>
internal sealed class OrchestrationOptions : IValidatableObject
{
    public const string Section = "Orchestrations";

    /// <summary>How many activities run at the same time; the others wait in their order.</summary>
    [Range(1, 1024)]
    public int MaxConcurrentActivities { get; set; } = 16;

    /// <summary>
    /// Bytes of JSON in UTF-8 that an input or output may have. Lowering it fails running instances that hold more.
    /// </summary>
    [Range(1024, 16 * 1024 * 1024)]
    public int MaxPayloadBytes { get; set; } = 64 * 1024;

    /// <summary>How long one attempt of an activity may take before it is cancelled and fails; at most a day.</summary>
    public TimeSpan ActivityTimeout { get; set; } = TimeSpan.FromMinutes(30);

    /// <summary>How long an instance that ended is kept; its id counts as taken for as long.</summary>
    public TimeSpan KeepEnded { get; set; } = TimeSpan.FromDays(30);

    /// <summary>In code: the attribute for a range of times needs reflection, which trimming does not allow.</summary>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (ActivityTimeout <= TimeSpan.Zero || ActivityTimeout > TimeSpan.FromDays(1))
        {
            yield return new ValidationResult(
                "must be more than nothing and at most a day", [nameof(ActivityTimeout)]);
        }

        if (KeepEnded < TimeSpan.Zero || KeepEnded > TimeSpan.FromDays(36500))
        {
            yield return new ValidationResult("must be between nothing and 100 years", [nameof(KeepEnded)]);
        }
    }
}

[OptionsValidator]
internal sealed partial class OrchestrationOptionsValidator : IValidateOptions<OrchestrationOptions>;
