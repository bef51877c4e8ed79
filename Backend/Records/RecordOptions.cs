using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Backend.Records;

/// <summary>Limits of the data API.</summary>
public sealed class RecordOptions
{
    public const string Section = "Records";

    /// <summary>Records of a page when the client does not say. Default: 50.</summary>
    [Range(1, 1_000)]
    public int DefaultPageSize { get; set; } = 50;

    /// <summary>The most records of a page. Default: 200.</summary>
    [Range(1, 1_000)]
    public int MaxPageSize { get; set; } = 200;
}

[OptionsValidator]
internal sealed partial class RecordOptionsValidator : IValidateOptions<RecordOptions>;
