using System.Security.Cryptography;
using Backend.Admin;
using Backend.Http;
using Backend.Operations;
using Backend.Orchestrations;
using Backend.Records;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Backend.Media;

/// <summary><c>/v1/admin/media</c>: have images made anew, one or all.</summary>
internal static class MediaAdminEndpoints
{
    public static void MapMediaAdmin(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapAdminGroup();
        group.MapPost("/media:reprocess", ReprocessAll)
            .WithName("reprocessAllMedia")
            .WithSummary("Make everything anew of all uploads, or of those of one scope.")
            .Accepts<ReprocessRequest>("application/json")
            .ProducesProblem(StatusCodes.Status400BadRequest);
        group.MapPost("/media/{id}:reprocess", Reprocess)
            .WithName("reprocessMedia")
            .WithSummary("Make everything anew of one upload.")
            .ProducesProblem(StatusCodes.Status404NotFound)
            .ProducesProblem(StatusCodes.Status409Conflict);
    }

    private static async Task<Results<Accepted<ReprocessAnswer>, ProblemHttpResult>> ReprocessAll(
        HttpContext context, IOrchestrator orchestrator, CancellationToken ct)
    {
        var request = await JsonBody.ReadAsync(context, MediaMessagesJsonContext.Default.ReprocessRequest);
        AuditLog.Name(context, $"media of {request.Scope ?? "all scopes"}");
        if (request.Scope is not null && !Scope.TryParse(request.Scope, out _))
        {
            return Problems.ScopeNotFound(request.Scope);
        }

        var run = NewRun();
        var instance = ReprocessMedia.InstanceIdOf(run);
        await orchestrator.StartAsync(ReprocessMedia.Definition, instance, new ReprocessMediaInput(request.Scope, run), ct);
        return Accepted(context, instance);
    }

    private static async Task<Results<Accepted<ReprocessAnswer>, ProblemHttpResult>> Reprocess(
        HttpContext context, string id, string? scope, MediaRecords records, IOrchestrator orchestrator, CancellationToken ct)
    {
        AuditLog.Name(context, $"media {id} of {scope}");
        if (!RecordId.TryParse(id, out var recordId)
            || !Scope.TryParse(scope, out var known)
            || await records.FindAsync(known, recordId, ct) is not { Deleted: false } record)
        {
            return Problems.MediaNotFound(id);
        }

        if (MediaDetails.Read(record).ToReprocess(known, recordId, NewRun()) is not { } upload)
        {
            return MediaProblems.NotReady(id);
        }

        var instance = ReceiveUpload.InstanceIdOf(upload);
        await orchestrator.StartAsync(ProcessImage.Definition, instance, upload, ct);
        return Accepted(context, instance);
    }

    /// <summary>Short: instances' ids have the media's id and the upload's ETag, too, and an end at 100 characters.</summary>
    private static string NewRun() => RandomNumberGenerator.GetHexString(8, lowercase: true);

    private static Accepted<ReprocessAnswer> Accepted(HttpContext context, string instance)
    {
        context.AskAgainLater(TimeSpan.Zero);
        return TypedResults.Accepted($"/v1/admin/orchestrations/{instance}", new ReprocessAnswer(instance));
    }
}
