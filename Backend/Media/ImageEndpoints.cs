using System.Diagnostics;
using Backend.Http;
using Backend.Media.Delivery;
using Backend.Records;
using Backend.Security;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Options;

namespace Backend.Media;

/// <summary>
/// <c>/i/{id}/{preset}</c>: the renditions, and <c>/i/{id}</c>: images made on demand; by signed URL, by token, or, where
/// everybody may read them, without either.
/// </summary>
internal static class ImageEndpoints
{
    private const string Immutable = "private, max-age=31536000, immutable";
    private const string PublicImmutable = "public, max-age=31536000, immutable";

    /// <summary>Without a version in the URL: whoever may read it now may not do so later, or it may change.</summary>
    private const string Current = "private, no-cache";
    private const string PublicCurrent = "public, max-age=60";

    private static readonly string[] Read = [HttpMethods.Get, HttpMethods.Head];

    public static void MapImages(this IEndpointRouteBuilder routes)
    {
        // A signed URL carries its own permission; without one the handlers ask for a caller.
        var group = routes.MapGroup("/i/{id}").AllowAnonymous().WithTags("Media");
        group.MapMethods("/{preset}", Read, GetPreset)
            .WithName("getImage")
            .WithSummary("Download a rendition, whole or a range of it.")
            .Produces(StatusCodes.Status200OK, contentType: "image/webp", additionalContentTypes: ["image/jpeg", "image/png", "image/avif"])
            .ProducesProblem(StatusCodes.Status403Forbidden)
            .ProducesProblem(StatusCodes.Status404NotFound);
        group.MapMethods("", Read, GetTransform)
            .WithName("transformImage")
            .WithSummary("Download the image in a size, fit, format and quality of your own: w, h, dpr, fit, focus, format, q, enlarge.")
            .Produces(StatusCodes.Status200OK, contentType: "image/webp", additionalContentTypes: ["image/jpeg", "image/png", "image/avif"])
            .ProducesProblem(StatusCodes.Status400BadRequest)
            .ProducesProblem(StatusCodes.Status403Forbidden)
            .ProducesProblem(StatusCodes.Status404NotFound);
    }

    private static async Task<IResult> GetPreset(
        HttpContext context, string id, string preset, ReadMedia read, FindImage find, IMediaStore store, ImageUrls urls,
        CancellationToken ct)
    {
        var signed = SignatureOf(context);
        if (signed.Signature is null)
        {
            return await ByReaderAsync(
                context, id, signed.Scope, read, store,
                (record, details) => find.FindAsync(context.Request, record, details, preset, ct), ct);
        }

        return (IResult?)Refuse(urls.Check(id, preset, signed)) ?? await BySignatureAsync(
            id, signed, store, (scope, recordId) => find.FindAsync(context.Request, scope, recordId, preset, signed.Version ?? "", ct));
    }

    private static async Task<IResult> GetTransform(
        HttpContext context, string id, ReadMedia read, FindImage find, IMediaStore store, ImageUrls urls, TransformQuery query,
        IOptions<MediaOptions> options, CancellationToken ct)
    {
        if (options.Value.PresetsOnly)
        {
            return MediaProblems.PresetsOnly();
        }

        var errors = new List<FieldError>();
        if (TransformQuery.ReadRequest(name => context.Request.Query[name].FirstOrDefault(), errors) is not { } request
            || query.Read(request, "", errors) is not { } transform)
        {
            return Problems.Invalid(errors);
        }

        var signed = SignatureOf(context);
        if (signed.Signature is null)
        {
            // Nothing is made for somebody who is not known: whoever wants that for public media signs its URL.
            return Caller.From(context.User) is null
                ? TypedResults.Challenge()
                : await ByReaderAsync(
                    context, id, signed.Scope, read, store,
                    (record, details) => details.Version is { } version
                        ? find.FindAsync(context.Request, record.Key.Scope, record.Key.Id, version, transform, ct)
                        : Task.FromResult(new FoundImage(new DerivedImage.NotFound(), Vary.None)),
                    ct);
        }

        return (IResult?)Refuse(urls.Check(id, transform, signed)) ?? await BySignatureAsync(
            id, signed, store,
            (scope, recordId) => find.FindAsync(context.Request, scope, recordId, signed.Version ?? "", transform, ct));
    }

    private static SignedImage SignatureOf(HttpContext context)
    {
        var query = context.Request.Query;
        return new SignedImage(query["scope"].FirstOrDefault(), query["v"], query["exp"].FirstOrDefault(), query["sig"].FirstOrDefault());
    }

    private static ProblemHttpResult? Refuse(SignatureState state) => state switch
    {
        SignatureState.Wrong => Problems.BadSignature("The image URL's signature is wrong."),
        SignatureState.Expired => Problems.BadSignature("The image URL has expired; read the media record again for a new one."),
        _ => null,
    };

    private static async Task<IResult> BySignatureAsync(
        string id, SignedImage signed, IMediaStore store, Func<Scope, RecordId, Task<FoundImage>> find) =>
        Scope.TryParse(signed.Scope, out var scope) && RecordId.TryParse(id, out var recordId)
            ? Serve(await find(scope, recordId), id, store, scope.Kind is ScopeKind.Public ? PublicImmutable : Immutable)
            : Problems.MediaNotFound(id);

    private static async Task<IResult> ByReaderAsync(
        HttpContext context, string id, string? scope, ReadMedia read, IMediaStore store,
        Func<StoredRecord, MediaDetails, Task<FoundImage>> find, CancellationToken ct)
    {
        if (await read.FindOpenAsync(id, scope, ct) is { } open)
        {
            return Serve(await find(open, MediaDetails.Read(open)), id, store, PublicCurrent);
        }

        if (Caller.From(context.User) is not { } caller)
        {
            return TypedResults.Challenge();
        }

        return await read.ExecuteAsync(caller, id, scope, ct) is { } record
            ? Serve(await find(record, MediaDetails.Read(record)), id, store, Current)
            : Problems.MediaNotFound(id);
    }

    private static IResult Serve(FoundImage found, string id, IMediaStore store, string cacheControl) => found.Image switch
    {
        DerivedImage.Found image => new BlobResult(store, image.Name, image.Properties, cacheControl, found.Vary),
        DerivedImage.NotFound => Problems.MediaNotFound(id),
        DerivedImage.Busy => MediaProblems.Busy(),
        _ => throw new UnreachableException(),
    };
}
