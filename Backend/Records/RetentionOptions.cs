using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Backend.Records;

/// <summary>How what has expired is removed from a store that does not do so by itself. Section <c>Retention</c>.</summary>
public sealed class RetentionOptions
{
    /// <summary>Minutes between two purges. Default: 60.</summary>
    [Range(1, 1_440)]
    public int PurgeMinutes { get; set; } = 60;

    /// <summary>
    /// Records that are removed in one transaction: writers wait no longer than one takes. Default: 200.
    /// </summary>
    [Range(1, 10_000)]
    public int PurgeBatchSize { get; set; } = 200;
}

[OptionsValidator]
internal sealed partial class RetentionOptionsValidator : IValidateOptions<RetentionOptions>;
