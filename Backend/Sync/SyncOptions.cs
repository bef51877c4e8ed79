using System.ComponentModel.DataAnnotations;
using Backend.Records;
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

    /// <summary>
    /// The most bytes of fields in the pages of one exchange together; one record is always among them. Default: 4 MiB.
    /// </summary>
    [Range(1_024, 256 * 1_048_576)]
    public int MaxPageBytes { get; set; } = 4 * 1_048_576;

    /// <summary>The most scopes of one exchange. Default: 20.</summary>
    [Range(1, 1_000)]
    public int MaxScopes { get; set; } = 20;

    /// <summary>The most mutations of one exchange. Default: 500.</summary>
    [Range(1, IRecordStore.MaxWrites)]
    public int MaxMutations { get; set; } = 500;

    /// <summary>
    /// How many seconds a client's clock may be ahead of the server's; stamps from further in the future become the
    /// server's time. Default: 60.
    /// </summary>
    [Range(0, 86_400)]
    public int MaxClockDriftSeconds { get; set; } = 60;

    /// <summary>
    /// The most clients that one record remembers, of those that wrote it within the retention; each takes some 70 bytes.
    /// Default: 2,000.
    /// </summary>
    [Range(1, 10_000)]
    public int MaxWritersPerRecord { get; set; } = 2_000;

    /// <summary>The most records of a scope that a checksum is made of. Default: 100,000.</summary>
    [Range(1, 10_000_000)]
    public int MaxChecksumRecords { get; set; } = 100_000;

    /// <summary>The most bytes of a batch's file. Default: 256 MiB.</summary>
    [Range(1_024, 4L * 1_024 * 1_048_576)]
    public long MaxBatchBytes { get; set; } = 256 * 1_048_576;

    /// <summary>The most mutations of a batch, which are the lines of its file. Default: 100,000.</summary>
    [Range(1, 1_000_000)]
    public int MaxBatchMutations { get; set; } = 100_000;

    /// <summary>The most bytes of a line of a batch's file; a longer one is rejected by itself. Default: 2 MiB.</summary>
    [Range(1_024, 16 * 1_048_576)]
    public int MaxBatchLineBytes { get; set; } = 2 * 1_048_576;

    /// <summary>The most batches of one user that are not done yet. Default: 10.</summary>
    [Range(1, 100)]
    public int MaxOpenBatches { get; set; } = 10;

    /// <summary>How long the URL works to which a batch's file is uploaded, in minutes. Default: 60.</summary>
    [Range(1, 1_440)]
    public int BatchUploadMinutes { get; set; } = 60;

    /// <summary>How long a batch and its results are kept, in hours since it was made. Default: 168, a week.</summary>
    [Range(24, 8_760)]
    public int BatchHours { get; set; } = 168;

    /// <summary>
    /// The oldest version of the model that clients may state; 0 for any that names nothing which the model no longer has.
    /// Default: 0.
    /// </summary>
    [Range(0, int.MaxValue)]
    public int OldestSchema { get; set; }

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
