using System.Buffers;
using Backend.Http;
using Backend.Media;
using Backend.Orchestrations;
using Backend.Records;
using Backend.Security;
using Microsoft.Extensions.Options;

namespace Backend.Sync.Batches;

/// <summary>Makes a batch and the URL to which the client sends its file.</summary>
internal sealed class CreateSyncBatch(
    SyncBatchRecords batches, IMediaStore files, IOrchestrator orchestrator, SchemaVersions versions, IOptions<SyncOptions> options,
    TimeProvider time)
{
    public const string ContentType = "application/x-ndjson";

    private const int Sha256HexLength = 64;

    private static readonly SearchValues<char> Hex = SearchValues.Create("0123456789abcdef");

    public async Task<SyncBatchOutcome> ExecuteAsync(Caller caller, NewSyncBatch request, CancellationToken ct)
    {
        if (FindErrors(request) is { Count: > 0 } errors)
        {
            return new SyncBatchOutcome.Invalid(errors);
        }

        if (request.Schema is { } schema && versions.FindChanges(schema) is { } changes)
        {
            return new SyncBatchOutcome.SchemaTooOld(schema, versions.OldestServed, changes);
        }

        var now = time.GetUtcNow();
        var id = RecordId.New(now);
        if (await batches.OpenAsync(caller.Id, request.Client, id, ct) is { } refusal)
        {
            return refusal;
        }

        // Whole seconds: a signed URL has no finer time.
        var until = DateTimeOffset.FromUnixTimeSeconds(now.ToUnixTimeSeconds()).AddMinutes(options.Value.BatchUploadMinutes);
        var batch = new SyncBatch
        {
            Client = request.Client,
            Roles = caller.Roles,
            State = SyncBatchState.Pending,
            Size = request.Size,
            Sha256 = request.Sha256,
            UploadUntil = until,
        };
        // Before the record: whatever a crash leaves from here on is cleared up by this.
        var removal = new RemoveSyncBatchInput(
            caller.Id, id.Value, until.AddMinutes(RemoveSyncBatch.GraceMinutes), now.AddHours(options.Value.BatchHours - 1));
        await orchestrator.StartAsync(RemoveSyncBatch.Definition, RemoveSyncBatch.InstanceIdOf(id.Value), removal, ct);
        await batches.CreateAsync(caller.Id, id, batch, ct);
        var target = await files.CreateUploadAsync(
            BlobName.ForBatch(caller.Id, id), new UploadTerms(ContentType, request.Size, until), ct);
        return new SyncBatchOutcome.Created(id, batch, now, target);
    }

    private List<FieldError> FindErrors(NewSyncBatch request)
    {
        var errors = new List<FieldError>();
        if (!RecordId.TryParse(request.Client, out _))
        {
            errors.Add(new FieldError(
                "$.client", "invalid_id", $"A client has 1 to {RecordId.MaxLength} letters, digits, hyphens and underscores."));
        }

        if (request.Schema is { } schema && (schema < 1 || schema > versions.Current))
        {
            errors.Add(new FieldError("$.schema", "out_of_range", $"The model's versions are 1 to {versions.Current}; see /v1/model."));
        }

        if (request.Size < 1 || request.Size > options.Value.MaxBatchBytes)
        {
            errors.Add(new FieldError("$.size", "out_of_range", $"Expected 1 to {options.Value.MaxBatchBytes} bytes."));
        }

        if (request.Sha256 is { } hash && (hash.Length != Sha256HexLength || hash.AsSpan().ContainsAnyExcept(Hex)))
        {
            errors.Add(new FieldError("$.sha256", "invalid_hash", "Expected 64 hex digits in lower case."));
        }

        return errors;
    }
}

internal abstract record SyncBatchOutcome
{
    private SyncBatchOutcome()
    {
    }

    public sealed record Created(RecordId Id, SyncBatch Batch, DateTimeOffset At, UploadTarget Target) : SyncBatchOutcome;

    public sealed record Invalid(IReadOnlyList<FieldError> Errors) : SyncBatchOutcome;

    public sealed record SchemaTooOld(int Schema, int Oldest, IReadOnlyList<FieldError> Changes) : SyncBatchOutcome;

    /// <summary>Another batch of the same client is not done yet.</summary>
    public sealed record Busy(string Other) : SyncBatchOutcome;

    public sealed record TooMany : SyncBatchOutcome;
}
