using System.Text.Json;
using System.Text.Json.Serialization;
using Backend.Records;
using Backend.Security;

namespace Backend.Sync.Batches;

/// <summary>Where a batch stands.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<SyncBatchState>))]
internal enum SyncBatchState
{
    /// <summary>A URL was issued; no file has arrived.</summary>
    [JsonStringEnumMemberName("pending")]
    Pending,

    /// <summary>Its mutations are being applied.</summary>
    [JsonStringEnumMemberName("running")]
    Running,

    /// <summary>Every line has its result.</summary>
    [JsonStringEnumMemberName("completed")]
    Completed,

    /// <summary>It was given up; the lines before have their results.</summary>
    [JsonStringEnumMemberName("failed")]
    Failed,

    /// <summary>Its user gave it up, or no file came in time.</summary>
    [JsonStringEnumMemberName("canceled")]
    Canceled,
}

/// <summary>A batch as it is kept, as an internal record of its user.</summary>
internal sealed record SyncBatch
{
    /// <summary>The installation whose mutations they are.</summary>
    public required string Client { get; init; }

    /// <summary>What the user's token said when the batch was made; rules read them.</summary>
    public IReadOnlyList<string> Roles { get; init; } = [];

    public required SyncBatchState State { get; init; }

    /// <summary>Bytes that were announced.</summary>
    public required long Size { get; init; }

    /// <summary>The hash that was announced.</summary>
    public string? Sha256 { get; init; }

    /// <summary>Which upload is being applied.</summary>
    public string? UploadETag { get; init; }

    public required DateTimeOffset UploadUntil { get; init; }

    public SyncBatchProgress Progress { get; init; } = new();

    /// <summary>Why it failed; stable.</summary>
    public string? Reason { get; init; }

    /// <summary>Why it failed, in words.</summary>
    public string? Detail { get; init; }

    [JsonIgnore]
    public bool IsOpen => State is SyncBatchState.Pending or SyncBatchState.Running;

    /// <summary>As whom its mutations are applied.</summary>
    public Caller CallerOf(string user) => new(user) { Roles = Roles };

    public static SyncBatch Read(StoredRecord record) =>
        JsonSerializer.Deserialize(record.Fields.Utf8.Span, SyncBatchJsonContext.Default.SyncBatch)
        ?? throw new InvalidDataException($"{record.Key} is no batch.");

    public RecordFields ToFields() => new(JsonSerializer.SerializeToUtf8Bytes(this, SyncBatchJsonContext.Default.SyncBatch));
}

/// <param name="Lines">Lines of the file with a mutation; 0 until they are counted.</param>
/// <param name="Done">Lines that have their result.</param>
/// <param name="Applied">Of these, how many are applied,</param>
/// <param name="Merged">merged,</param>
/// <param name="Conflict">in conflict,</param>
/// <param name="Rejected">rejected,</param>
/// <param name="Retry">and to be sent again.</param>
public sealed record SyncBatchProgress(
    int Lines = 0, int Done = 0, int Applied = 0, int Merged = 0, int Conflict = 0, int Rejected = 0, int Retry = 0)
{
    internal SyncBatchProgress Add(Push.MutationStatus status) => status switch
    {
        Push.MutationStatus.Applied => this with { Done = Done + 1, Applied = Applied + 1 },
        Push.MutationStatus.Merged => this with { Done = Done + 1, Merged = Merged + 1 },
        Push.MutationStatus.Conflict => this with { Done = Done + 1, Conflict = Conflict + 1 },
        Push.MutationStatus.Rejected => this with { Done = Done + 1, Rejected = Rejected + 1 },
        _ => this with { Done = Done + 1, Retry = Retry + 1 },
    };
}

[JsonSerializable(typeof(SyncBatch))]
[JsonSerializable(typeof(OpenBatches))]
[JsonSerializable(typeof(SyncBatchName))]
[JsonSerializable(typeof(ApplySyncBatchInput))]
[JsonSerializable(typeof(SyncBatchProgress))]
[JsonSerializable(typeof(SyncBatchInspection))]
[JsonSerializable(typeof(SyncBatchPosition))]
[JsonSerializable(typeof(FinishSyncBatchInput))]
[JsonSerializable(typeof(RemoveSyncBatchInput))]
[JsonSerializable(typeof(bool))]
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
internal sealed partial class SyncBatchJsonContext : JsonSerializerContext;
