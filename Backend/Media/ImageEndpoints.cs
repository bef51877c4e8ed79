using Backend.Http;
using Backend.Records;
using Backend.Security;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Backend.Media;

/// <summary><c>/i/{id}/{preset}</c>: the renditions, by signed URL or by token.</summary>
internal static class ImageEndpoints
{
    private static readonly string[] Read = [HttpMethods.Get, HttpMethods.Head];

    public static void MapImages(this IEndpointRouteBuilder routes) =>
        routes.MapMethods("/i/{id}/{preset}", Read, Get)
            .AllowAnonymous() // a signed URL carries its own permission; without one the handler asks for a caller
            .WithTags("Media")
            .WithName("getImage")
            .WithSummary("Download a rendition, whole or a range of it.")
            .Produces(StatusCodes.Status200OK, contentType: "image/webp", additionalContentTypes: ["image/jpeg", "image/png", "image/avif"])
            .ProducesProblem(StatusCodes.Status403Forbidden)
            .ProducesProblem(StatusCodes.Status404NotFound);

    private static async Task<IResult> Get(
        HttpContext context, string id, string preset, ReadMedia read, IMediaStore store, ImageUrls urls, CancellationToken ct)
    {
        var query = context.Request.Query;
        var signed = new SignedImage(query["scope"], query["v"], query["exp"], query["sig"]);
        if (signed.Signature is null)
        {
            return await GetByTokenAsync(context, id, preset, signed.Scope, read, store, ct);
        }

        switch (urls.Check(id, preset, signed))
        {
            case SignatureState.Wrong:
                return Problems.BadSignature("The image URL's signature is wrong.");
            case SignatureState.Expired:
                return Problems.BadSignature("The image URL has expired; read the media record again for a new one.");
        }

        return Scope.TryParse(signed.Scope, out var scope) && RecordId.TryParse(id, out var recordId)
            ? await ServeAsync(store, BlobName.ForRendition(scope, recordId, signed.Version ?? "", preset), id, Immutable, ct)
            : Problems.MediaNotFound(id);
    }

    private const string Immutable = "private, max-age=31536000, immutable";

    private static async Task<IResult> GetByTokenAsync(
        HttpContext context, string id, string preset, string? scope, ReadMedia read, IMediaStore store, CancellationToken ct)
    {
        if (Caller.From(context.User) is not { } caller)
        {
            return TypedResults.Challenge();
        }

        return await read.ExecuteAsync(caller, id, scope, ct) is { } record
            && MediaDetails.Read(record) is var details
            && details.Renditions.FirstOrDefault(rendition => rendition.Preset == preset) is { } found
            ? await ServeAsync(
                store,
                BlobName.ForRendition(record.Key.Scope, record.Key.Id, details.VersionOf(found), preset),
                id, "private, no-cache", ct)
            : Problems.MediaNotFound(id);
    }

    private static async Task<IResult> ServeAsync(
        IMediaStore store, BlobName name, string id, string cacheControl, CancellationToken ct) =>
        await store.FindAsync(name, ct) is { } properties
            ? new BlobResult(store, name, properties, cacheControl)
            : Problems.MediaNotFound(id);
}
