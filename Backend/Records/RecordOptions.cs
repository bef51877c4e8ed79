using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Backend.Records;

/// <summary>Limits of the data API.</summary>
public sealed class RecordOptions : IValidatableObject
{
    public const string Section = "Records";

    /// <summary>Records of a page when the client does not say. Default: 50.</summary>
    [Range(1, 1_000)]
    public int DefaultPageSize { get; set; } = 50;

    /// <summary>The most records of a page. Default: 200.</summary>
    [Range(1, 1_000)]
    public int MaxPageSize { get; set; } = 200;

    /// <summary>The largest fields of one record, in bytes of JSON as stored. Default: 1 MiB.</summary>
    [Range(1_024, 1_900_000)]
    public int MaxRecordBytes { get; set; } = 1_048_576;

    /// <summary>The most operations of a batch. Default: 100.</summary>
    [Range(1, IRecordStore.MaxChanges)]
    public int MaxBatchSize { get; set; } = IRecordStore.MaxChanges;

    /// <summary>
    /// The largest fields of all records of a batch together, in bytes. Default: 1,800,000; Cosmos DB applies at most
    /// 2 MB together.
    /// </summary>
    [Range(1_024, 1_900_000)]
    public int MaxBatchBytes { get; set; } = 1_800_000;

    /// <summary>
    /// How many days a deleted record can be restored and its deletion is delivered by sync, where the collection does
    /// not keep it longer; also how long a client may be offline without reading its scopes anew. Default: 30.
    /// </summary>
    [Range(1, Retention.MaxDays)]
    public int RetentionDays { get; set; } = 30;

    /// <summary>For how many hours the answer to a request with an Idempotency-Key is kept. Default: 24.</summary>
    [Range(1, 720)]
    public int IdempotencyHours { get; set; } = 24;

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (DefaultPageSize > MaxPageSize)
        {
            yield return new($"Must not be more than MaxPageSize, which is {MaxPageSize}.", [nameof(DefaultPageSize)]);
        }
    }
}

[OptionsValidator]
internal sealed partial class RecordOptionsValidator : IValidateOptions<RecordOptions>;
