using System.Diagnostics;
using Backend.Http;
using Backend.Media;
using Backend.Media.Delivery;
using Backend.Operations;
using Backend.Orchestrations;
using Backend.Records;
using Backend.Security;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Backend.Sync.Batches;

/// <summary><c>/v1/sync/batches</c>: more mutations than a push takes, as a file.</summary>
internal static class SyncBatchEndpoints
{
    public static void MapSyncBatches(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/v1/sync/batches").RequireAuthorization().WithTags("Sync");
        group.MapPost("/", Create)
            .WithName("createSyncBatch")
            .WithSummary("Announce a file of mutations and get the URL to which it is uploaded.")
            .Accepts<NewSyncBatch>("application/json")
            .ProducesProblem(StatusCodes.Status400BadRequest)
            .ProducesProblem(StatusCodes.Status409Conflict)
            .ProducesProblem(StatusCodes.Status426UpgradeRequired);
        group.MapGet("/{id}", Get)
            .WithName("getSyncBatch")
            .WithSummary("How far a batch has been applied.")
            .ProducesProblem(StatusCodes.Status404NotFound);
        group.MapDelete("/{id}", Cancel)
            .WithName("cancelSyncBatch")
            .WithSummary("Give up a batch; what was applied stays so.")
            .ProducesProblem(StatusCodes.Status404NotFound);
        group.MapGet("/{id}/results", Results)
            .WithName("getSyncBatchResults")
            .WithSummary("What became of each line, a line each.")
            .Produces(StatusCodes.Status200OK, contentType: CreateSyncBatch.ContentType)
            .ProducesProblem(StatusCodes.Status404NotFound)
            .ProducesProblem(StatusCodes.Status409Conflict);
    }

    private static async Task<Results<Created<SyncBatchView>, ProblemHttpResult>> Create(
        HttpContext context, Caller caller, CreateSyncBatch create, CancellationToken ct)
    {
        var request = await JsonBody.ReadAsync(context, SyncBatchMessagesJsonContext.Default.NewSyncBatch);
        return await create.ExecuteAsync(caller, request, ct) switch
        {
            SyncBatchOutcome.Created created => TypedResults.Created(
                $"/v1/sync/batches/{created.Id}",
                SyncBatchView.Of(created.Id, created.Batch, created.At) with { Upload = UploadInstruction.Of(context, created.Target) }),
            SyncBatchOutcome.Invalid invalid => Problems.Invalid(invalid.Errors),
            SyncBatchOutcome.SchemaTooOld old => Problems.SchemaTooOld(old.Schema, old.Oldest, old.Changes),
            SyncBatchOutcome.Busy busy => Problems.Create(
                StatusCodes.Status409Conflict, "batch_in_progress", $"The client's batch {busy.Other} is not done yet."),
            SyncBatchOutcome.TooMany => Problems.Create(
                StatusCodes.Status409Conflict, "too_many_batches", "You have as many batches that are not done as Sync:MaxOpenBatches allows."),
            _ => throw new UnreachableException(),
        };
    }

    private static async Task<Results<Ok<SyncBatchView>, ProblemHttpResult>> Get(
        HttpContext context, string id, Caller caller, SyncBatchRecords batches, IOrchestrator orchestrator, TimeProvider time,
        CancellationToken ct)
    {
        context.Response.Headers.CacheControl = "private, no-store";
        if (!RecordId.TryParse(id, out var batchId) || await batches.FindAsync(caller.Id, batchId, ct) is not { } found)
        {
            return NotFound(id);
        }

        var view = SyncBatchView.Of(batchId, found.Batch, found.Record.CreatedAt);
        if (found.Batch.State is SyncBatchState.Running
            && await orchestrator.FindAsync(ApplySyncBatch.InstanceIdOf(id), ct) is { State: OrchestrationState.Failed or OrchestrationState.Terminated })
        {
            return TypedResults.Ok(view with { State = SyncBatchState.Failed, Reason = "ended", Detail = "An administrator ended it." });
        }

        if (found.Batch.IsOpen)
        {
            context.AskAgainLater(time.GetUtcNow() - found.Record.CreatedAt);
        }

        return TypedResults.Ok(view);
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> Cancel(
        string id, Caller caller, CancelSyncBatch cancel, CancellationToken ct) =>
        RecordId.TryParse(id, out var batchId) && await cancel.ExecuteAsync(caller, batchId, ct) ? TypedResults.NoContent() : NotFound(id);

    private static async Task<IResult> Results(
        HttpContext context, string id, Caller caller, SyncBatchRecords batches, IMediaStore files, TimeProvider time, CancellationToken ct)
    {
        if (!RecordId.TryParse(id, out var batchId) || await batches.FindAsync(caller.Id, batchId, ct) is not { } found)
        {
            return NotFound(id);
        }

        if (found.Batch.IsOpen)
        {
            context.AskAgainLater(time.GetUtcNow() - found.Record.CreatedAt);
            return Problems.Create(StatusCodes.Status409Conflict, "batch_in_progress", $"The batch {id} is not done yet.");
        }

        var name = BlobName.ForBatchResults(caller.Id, batchId);
        return await files.FindAsync(name, ct) is { } blob
            ? new BlobResult(files, name, blob, "private, no-cache", Vary.None)
            : NotFound(id);
    }

    private static ProblemHttpResult NotFound(string id) =>
        Problems.Create(StatusCodes.Status404NotFound, "sync_batch_not_found", $"You have no batch {id}, or it is over.");
}
