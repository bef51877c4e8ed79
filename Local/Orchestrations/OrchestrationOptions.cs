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
    /// The same for single kinds of activities, by name: how many of that kind run at the same time. These do not count
    /// for <see cref="MaxConcurrentActivities"/>, and neither keeps the others waiting.
    /// </summary>
    public IDictionary<string, int> MaxConcurrentByActivity { get; set; } =
        new Dictionary<string, int>(StringComparer.Ordinal);

    /// <summary>
    /// Bytes of JSON in UTF-8 that an input or output may have. Lowering it fails running instances that hold more.
    /// </summary>
    [Range(1024, 16 * 1024 * 1024)]
    public int MaxPayloadBytes { get; set; } = 64 * 1024;

    /// <summary>
    /// How many events the history of one run may have before the instance fails: every step reads all of them.
    /// </summary>
    [Range(100, 1_000_000)]
    public int MaxHistoryEvents { get; set; } = 50_000;

    /// <summary>How long one attempt of an activity may take before it is cancelled and fails; at most a day.</summary>
    public TimeSpan ActivityTimeout { get; set; } = TimeSpan.FromMinutes(30);

    /// <summary>How long an instance that ended is kept; its id counts as taken for as long.</summary>
    public TimeSpan KeepEnded { get; set; } = TimeSpan.FromDays(30);

    /// <summary>
    /// How long an engine that holds the database may be silent, because its process was frozen, before another process
    /// takes over; one that ended is followed at once. At least a second.
    /// </summary>
    public TimeSpan TakeOverAfter { get; set; } = TimeSpan.FromSeconds(30);

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

        if (TakeOverAfter < TimeSpan.FromSeconds(1) || TakeOverAfter > TimeSpan.FromDays(1))
        {
            yield return new ValidationResult("must be between a second and a day", [nameof(TakeOverAfter)]);
        }

        if (MaxConcurrentByActivity.Any(static limit => limit.Value is < 1 or > 1024))
        {
            yield return new ValidationResult("must each be between 1 and 1024", [nameof(MaxConcurrentByActivity)]);
        }
    }
}

[OptionsValidator]
internal sealed partial class OrchestrationOptionsValidator : IValidateOptions<OrchestrationOptions>;
