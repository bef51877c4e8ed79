using System.Diagnostics;
using Backend.Http;
using Backend.Records;
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
            .ProducesProblem(StatusCodes.Status400BadRequest);
        group.MapGet("/{id}", Get)
            .WithName("getMedia")
            .WithSummary("What became of an upload.");
    }

    private static async Task<Results<Created<UploadSlot>, ProblemHttpResult>> Create(
        HttpContext context, Caller caller, CreateUpload create, CancellationToken ct)
    {
        var request = await JsonBody.ReadAsync(context, MediaMessagesJsonContext.Default.NewMedia);
        return await create.ExecuteAsync(caller, request, ct) switch
        {
            UploadOutcome.Created created => TypedResults.Created(
                $"/v1/media/{created.Id}", new UploadSlot(created.Id.Value, Instruct(context, created.Target))),
            UploadOutcome.ScopeNotFound missing => Problems.ScopeNotFound(missing.Scope),
            UploadOutcome.Invalid invalid => Problems.Invalid(invalid.Errors),
            _ => throw new UnreachableException(),
        };
    }

    private static async Task<Results<Ok<MediaView>, ProblemHttpResult>> Get(
        HttpContext context, string id, string? scope, Caller caller, ReadMedia read, ImageUrls urls, CancellationToken ct) =>
        await read.ExecuteAsync(caller, id, scope, ct) is { } record
            ? TypedResults.Ok(View(context, record, urls))
            : Problems.MediaNotFound(id);

    private static UploadInstruction Instruct(HttpContext context, UploadTarget target) => new(
        target.Url.IsAbsoluteUri ? target.Url.AbsoluteUri : PublicUrl.Of(context, target.Url.OriginalString),
        target.Method,
        target.Headers,
        Timestamps.Format(target.ExpiresAt));

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
            Placeholder = details.Placeholder,
            Color = details.Color,
            Renditions = [.. details.Renditions.Select(rendition => new RenditionView(
                rendition.Preset,
                rendition.Format,
                rendition.Width,
                rendition.Height,
                rendition.Size,
                PublicUrl.Of(context, urls.Create(scope, id, details.Version ?? "", rendition.Preset))))],
        };
    }
}
