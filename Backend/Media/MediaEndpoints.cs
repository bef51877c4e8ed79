using System.Diagnostics;
using Backend.Http;
using Backend.Media.Delivery;
using Backend.Model;
using Backend.Operations;
using Backend.Records;
using Backend.Rules;
using Backend.Security;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Backend.Media;

/// <summary><c>/v1/media</c>: where to upload, and what became of it.</summary>
internal static class MediaEndpoints
{
    public static void MapMedia(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/v1/media").RequireAuthorization().WithTags("Media");
        group.MapPost("/", Create)
            .WithName("createMedia")
            .WithSummary("Announce an image and get the URL to which its bytes are uploaded.")
            .Accepts<NewMedia>("application/json")
            .ProducesProblem(StatusCodes.Status400BadRequest)
            .ProducesProblem(StatusCodes.Status409Conflict);
        group.MapGet("/{id}", Get)
            .WithName("getMedia")
            .WithSummary("What became of an upload.");
        group.MapPost("/{id}/upload", Replace)
            .WithName("replaceMedia")
            .WithSummary("Announce another upload of a media record, which becomes its new version.")
            .Accepts<NewMedia>("application/json")
            .ProducesProblem(StatusCodes.Status400BadRequest)
            .ProducesProblem(StatusCodes.Status404NotFound)
            .ProducesProblem(StatusCodes.Status409Conflict);
        group.MapPost("/{id}/urls", Sign)
            .WithName("signImageUrls")
            .WithSummary("Get URLs of images that work without a token: of presets, or made on demand.")
            .Accepts<ImageUrlsRequest>("application/json")
            .ProducesProblem(StatusCodes.Status400BadRequest)
            .ProducesProblem(StatusCodes.Status404NotFound)
            .ProducesProblem(StatusCodes.Status409Conflict);
        group.MapDelete("/{id}", Delete)
            .WithName("deleteMedia")
            .WithSummary("Delete a media record with everything that was made of it.")
            .ProducesProblem(StatusCodes.Status404NotFound);
    }

    private static async Task<Results<Created<UploadSlot>, ProblemHttpResult>> Create(
        HttpContext context, Caller caller, CreateUpload create, CancellationToken ct)
    {
        var request = await JsonBody.ReadAsync(context, MediaMessagesJsonContext.Default.NewMedia);
        return Answer(context, await create.ExecuteAsync(caller, request, ct));
    }

    private static async Task<Results<Created<UploadSlot>, ProblemHttpResult>> Replace(
        HttpContext context, string id, string? scope, Caller caller, ReadMedia read, CreateUpload create, CancellationToken ct)
    {
        var request = await JsonBody.ReadAsync(context, MediaMessagesJsonContext.Default.NewMedia);
        return await read.FindAsync(caller, id, scope, RecordOperation.Update, ct) switch
        {
            MediaAccess.Allowed allowed => Answer(context, await create.ReplaceAsync(allowed.Record, request, ct)),
            MediaAccess.Forbidden => Problems.Forbidden("update", AppModel.MediaCollection),
            _ => Problems.MediaNotFound(id),
        };
    }

    private static async Task<Results<Ok<ImageUrlsAnswer>, ProblemHttpResult>> Sign(
        HttpContext context, string id, string? scope, Caller caller, ReadMedia read, SignUrls sign, CancellationToken ct)
    {
        var request = await JsonBody.ReadAsync(context, MediaMessagesJsonContext.Default.ImageUrlsRequest);
        if (await read.ExecuteAsync(caller, id, scope, ct) is not { } record)
        {
            return Problems.MediaNotFound(id);
        }

        return sign.Execute(record, request.Images) switch
        {
            SignOutcome.Signed signed => TypedResults.Ok(new ImageUrlsAnswer([.. signed.Urls.Select(url => new SignedUrl(
                PublicUrl.Of(context, url.PathAndQuery),
                url.ExpiresAt is { } expiresAt ? Timestamps.Format(expiresAt) : null))])),
            SignOutcome.NotReady => MediaProblems.NotReady(id),
            SignOutcome.PresetsOnly => MediaProblems.PresetsOnly(),
            SignOutcome.Invalid invalid => Problems.Invalid(invalid.Errors),
            _ => throw new UnreachableException(),
        };
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> Delete(
        string id, string? scope, Caller caller, ReadMedia read, RemoveMedia remove, CancellationToken ct)
    {
        switch (await read.FindAsync(caller, id, scope, RecordOperation.Delete, ct))
        {
            case MediaAccess.Allowed allowed:
                await remove.ExecuteAsync(allowed.Record, ct);
                return TypedResults.NoContent();
            case MediaAccess.Forbidden:
                return Problems.Forbidden("delete", AppModel.MediaCollection);
            default:
                return Problems.MediaNotFound(id);
        }
    }

    private static Results<Created<UploadSlot>, ProblemHttpResult> Answer(HttpContext context, UploadOutcome outcome) => outcome switch
    {
        UploadOutcome.Created created => TypedResults.Created(
            $"/v1/media/{created.Id}",
            new UploadSlot(created.Id.Value, UploadInstruction.Of(context, created.Target), created.DuplicateOf?.Value)),
        UploadOutcome.ScopeNotFound missing => Problems.ScopeNotFound(missing.Scope),
        UploadOutcome.NotFound missing => Problems.MediaNotFound(missing.Id.Value),
        UploadOutcome.Forbidden => Problems.Forbidden("create", AppModel.MediaCollection),
        UploadOutcome.Invalid invalid => Problems.Invalid(invalid.Errors),
        UploadOutcome.QuotaExceeded exceeded => MediaProblems.QuotaExceeded(exceeded.Owned),
        _ => throw new UnreachableException(),
    };

    private static async Task<Results<Ok<MediaView>, ProblemHttpResult>> Get(
        HttpContext context,
        string id,
        string? scope,
        Caller caller,
        ReadMedia read,
        ImageUrls urls,
        TimeProvider time,
        CancellationToken ct)
    {
        if (await read.ExecuteAsync(caller, id, scope, ct) is not { } record)
        {
            return Problems.MediaNotFound(id);
        }

        var view = View(context, record, urls);
        if (view.Status is MediaStatus.Uploaded or MediaStatus.Processing)
        {
            context.AskAgainLater(time.GetUtcNow() - record.UpdatedAt);
        }

        return TypedResults.Ok(view);
    }

    private static MediaView View(HttpContext context, StoredRecord record, ImageUrls urls)
    {
        var details = MediaDetails.Read(record);
        var (scope, id) = (record.Key.Scope, record.Key.Id);
        return new MediaView
        {
            Id = id.Value,
            Scope = scope.Value,
            Status = details.Status,
            ContentType = details.ContentType,
            Size = details.Size,
            Reason = details.Reason,
            Detail = details.Detail,
            Width = details.Width,
            Height = details.Height,
            Frames = details.Frames,
            TakenAt = details.TakenAt,
            Camera = details.Camera,
            Position = details.Position,
            Placeholder = details.Placeholder,
            Color = details.Color,
            DuplicateOf = details.DuplicateOf,
            Renditions = [.. details.Renditions.Select(rendition => new RenditionView(
                rendition.Preset,
                rendition.Format,
                rendition.Width,
                rendition.Height,
                rendition.Size,
                PublicUrl.Of(context, urls.Create(scope, id, details.VersionOf(rendition), rendition.Preset).PathAndQuery)))],
        };
    }
}
