using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Backend.Sync;

/// <summary>Limits of sync. Section <c>Sync</c>.</summary>
public sealed class SyncOptions : IValidatableObject
{
    /// <summary>Records of a page when the client does not say. Default: 100.</summary>
    [Range(1, 10_000)]
    public int DefaultPageSize { get; set; } = 100;

    /// <summary>The most records of a page. Default: 1,000.</summary>
    [Range(1, 10_000)]
    public int MaxPageSize { get; set; } = 1_000;

    /// <summary>The most scopes of one exchange. Default: 20.</summary>
    [Range(1, 1_000)]
    public int MaxScopes { get; set; } = 20;

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (DefaultPageSize > MaxPageSize)
        {
            yield return new($"Must not be more than MaxPageSize, which is {MaxPageSize}.", [nameof(DefaultPageSize)]);
        }
    }
}

[OptionsValidator]
internal sealed partial class SyncOptionsValidator : IValidateOptions<SyncOptions>;
