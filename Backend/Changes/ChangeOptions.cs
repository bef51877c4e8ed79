using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Backend.Changes;

/// <summary>How changes are delivered to their handlers. Section <c>Changes</c>.</summary>
public sealed class ChangeOptions
{
    public const string Section = "Changes";

    /// <summary>How long a handler may take for one change before that counts as failed, in seconds. Default: 60.</summary>
    [Range(1, 600)]
    public int HandlerTimeoutSeconds { get; set; } = 60;

    /// <summary>How many scopes' changes a handler gets at the same time. Default: 8.</summary>
    [Range(1, 256)]
    public int MaxParallelScopes { get; set; } = 8;

    /// <summary>
    /// How long a scope's changes wait after one of them failed for the first time, in seconds; each further time twice as
    /// long. Default: 1.
    /// </summary>
    [Range(1, 3_600)]
    public int RetrySeconds { get; set; } = 1;

    /// <summary>The longest that they wait before the next attempt, in seconds. Default: 3600, an hour.</summary>
    [Range(1, 86_400)]
    public int MaxRetrySeconds { get; set; } = 3_600;

    /// <summary>
    /// How many changed records of a scope can wait for one handler by name; when there are more, all records of the scope
    /// are delivered in their place. Default: 1000.
    /// </summary>
    [Range(1, 5_000)]
    public int MaxWaitingRecords { get; set; } = 1_000;
}

[OptionsValidator]
internal sealed partial class ChangeOptionsValidator : IValidateOptions<ChangeOptions>;
