using System.Globalization;
using Backend.Media;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Local.Blobs;

/// <summary>
/// The part of the Azure Blob protocol that clients of the product need: Put Blob, Put Block and Put Block List with a
/// signed URL. Status codes, headers and error bodies are those of
/// https://learn.microsoft.com/rest/api/storageservices/blob-service-rest-api, so that one client works with both.
/// </summary>
internal static class BlobEndpoints
{
    private static readonly string[] OtherMethods = [HttpMethods.Get, HttpMethods.Head, HttpMethods.Delete, HttpMethods.Post];

    public static void MapBlobs(this IEndpointRouteBuilder routes)
    {
        // The URL's signature is the permission.
        var group = routes.MapGroup("/blobs/{container}/{**path}").AllowAnonymous().ExcludeFromDescription();
        group.MapPut("", Put);
        group.MapMethods("", OtherMethods, static () => BlobError.NotAllowed);
    }

    private static async Task<IResult> Put(
        HttpContext context, string container, string path, UploadSignatures signatures, FileMediaStore store,
        BlobBlocks blocks, CancellationToken ct)
    {
        var name = $"{container}/{path}";
        if (signatures.Check(name, context.Request.Query) is not { } upload || !BlobName.TryParse(name, out var blob))
        {
            return BlobError.WrongSignature;
        }

        if (store.IsUsed(upload))
        {
            return BlobError.Used; // before the body is read, which may be large
        }

        if (context.Request.ContentLength > upload.Terms.MaxBytes)
        {
            return BlobError.TooLarge(upload.Terms);
        }

        // The server's general limit is meant for JSON; this body goes straight to a file, up to the announced size.
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
        {
            limit.MaxRequestBodySize = null;
        }

        try
        {
            return context.Request.Query["comp"].ToString() switch
            {
                "" => await PutBlobAsync(context, store, blob, upload, ct),
                "block" => await PutBlockAsync(context, blocks, blob, upload.Terms, ct),
                "blocklist" => await PutBlockListAsync(context, blocks, blob, upload, ct),
                var other => BlobError.Invalid("InvalidQueryParameterValue", $"comp={other} is not supported."),
            };
        }
        catch (BlobTooLargeException)
        {
            return BlobError.TooLarge(upload.Terms);
        }
        catch (UploadUrlUsedException)
        {
            return BlobError.Used;
        }
    }

    private static async Task<IResult> PutBlobAsync(
        HttpContext context, FileMediaStore store, BlobName blob, SignedUpload upload, CancellationToken ct)
    {
        if (context.Request.Headers["x-ms-blob-type"] != "BlockBlob")
        {
            return BlobError.Invalid("MissingRequiredHeader", "The header x-ms-blob-type: BlockBlob is missing.");
        }

        if (context.Request.ContentType is { } type && type != upload.Terms.ContentType)
        {
            return BlobError.Invalid("InvalidHeaderValue", $"Content-Type must be {upload.Terms.ContentType}, as announced.");
        }

        if (!TryReadMd5(context.Request, out var md5))
        {
            return BlobError.Invalid("InvalidMd5", "Content-MD5 must be 16 bytes in base64.");
        }

        var (properties, isIntact) = await store.PutAsync(blob, context.Request.Body, upload, md5, ct);
        return isIntact
            ? Created(context, properties)
            : BlobError.Invalid("Md5Mismatch", "The content is not the one that Content-MD5 announces.");
    }

    private static async Task<IResult> PutBlockAsync(
        HttpContext context, BlobBlocks blocks, BlobName blob, UploadTerms terms, CancellationToken ct)
    {
        var id = context.Request.Query["blockid"].ToString();
        if (!BlockList.IsBlockId(id))
        {
            return BlobError.Invalid("InvalidQueryParameterValue", "blockid must be 1 to 64 bytes in base64.");
        }

        return await blocks.PutAsync(blob, id, context.Request.Body, terms.MaxBytes, ct)
            ? TypedResults.StatusCode(StatusCodes.Status201Created)
            : BlobError.TooLarge(terms);
    }

    private static async Task<IResult> PutBlockListAsync(
        HttpContext context, BlobBlocks blocks, BlobName blob, SignedUpload upload, CancellationToken ct)
    {
        if (context.Request.Headers["x-ms-blob-content-type"] is [{ } type] && type != upload.Terms.ContentType)
        {
            return BlobError.Invalid("InvalidHeaderValue", $"x-ms-blob-content-type must be {upload.Terms.ContentType}, as announced.");
        }

        if (await BlockList.ReadAsync(context.Request.Body, ct) is not { } ids)
        {
            return BlobError.Invalid("InvalidXmlDocument", "Expected a BlockList of at most 50,000 Latest or Uncommitted block ids.");
        }

        return await blocks.CommitAsync(blob, ids, upload, ct) is { } properties
            ? Created(context, properties)
            : BlobError.Invalid("InvalidBlockList", "The list names a block that was not uploaded.");
    }

    private static StatusCodeHttpResult Created(HttpContext context, BlobProperties properties)
    {
        context.Response.Headers.ETag = properties.ETag.ToHeader();
        context.Response.Headers.LastModified = properties.LastModified.ToString("R", CultureInfo.InvariantCulture);
        return TypedResults.StatusCode(StatusCodes.Status201Created);
    }

    private static bool TryReadMd5(HttpRequest request, out byte[]? md5)
    {
        var header = request.Headers.ContentMD5.ToString();
        md5 = header.Length == 0 ? null : new byte[16];
        return md5 is null || (Convert.TryFromBase64String(header, md5, out var length) && length == md5.Length);
    }
}
