using System.Text.Json.Serialization;
using Backend.Media;
using Backend.Records;

namespace Backend.Sync.Batches;

/// <param name="Client">The installation whose mutations they are.</param>
/// <param name="Size">Bytes of the file.</param>
/// <param name="Sha256">Its hash: 64 hexadecimal digits in lower case.</param>
/// <param name="Schema">The version of the model that the client was written for.</param>
internal sealed record NewSyncBatch(
    [property: JsonRequired] string Client, [property: JsonRequired] long Size, string? Sha256 = null, int? Schema = null);

/// <param name="Id">The batch.</param>
/// <param name="Client">The installation whose mutations they are.</param>
/// <param name="State">pending, running, completed, failed or canceled.</param>
/// <param name="CreatedAt">When it was made.</param>
/// <param name="Progress">What became of the lines so far.</param>
/// <param name="Upload">Where its file goes; in the answer to the request that made it.</param>
/// <param name="Results">Where the results are, once it has ended.</param>
/// <param name="Reason">Why it failed, or was given up; stable.</param>
/// <param name="Detail">The same in words.</param>
internal sealed record SyncBatchView(
    string Id, string Client, SyncBatchState State, string CreatedAt, SyncBatchProgress Progress,
    UploadInstruction? Upload = null, string? Results = null, string? Reason = null, string? Detail = null)
{
    public static SyncBatchView Of(RecordId id, SyncBatch batch, DateTimeOffset createdAt) => new(
        id.Value,
        batch.Client,
        batch.State,
        Timestamps.Format(createdAt),
        batch.Progress,
        Results: batch.State is SyncBatchState.Completed or SyncBatchState.Failed ? $"/v1/sync/batches/{id}/results" : null,
        Reason: batch.Reason,
        Detail: batch.Detail);
}

[JsonSerializable(typeof(NewSyncBatch))]
[JsonSerializable(typeof(SyncBatchView))]
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    AllowDuplicateProperties = false,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true)]
internal sealed partial class SyncBatchMessagesJsonContext : JsonSerializerContext;
