using System.Globalization;
using System.Security;
using Backend.Media;
using Microsoft.AspNetCore.Http.Features;

namespace Local.Blobs;

/// <summary>
/// The part of the Azure Blob protocol that clients of the product need: Put Blob with a signed URL. Status codes,
/// headers and error bodies are those of
/// https://learn.microsoft.com/rest/api/storageservices/put-blob, so that one client works with both.
/// </summary>
internal static class BlobEndpoints
{
    public static void MapBlobs(this IEndpointRouteBuilder routes) =>
        routes.MapPut("/blobs/{container}/{**path}", Put)
            .AllowAnonymous() // the URL's signature is the permission
            .ExcludeFromDescription();

    private static async Task<IResult> Put(
        HttpContext context, string container, string path, UploadSignatures signatures, FileMediaStore store,
        CancellationToken ct)
    {
        var name = $"{container}/{path}";
        if (signatures.Check(name, context.Request.Query) is not { } terms || !BlobName.TryParse(name, out var blob))
        {
            return Error(StatusCodes.Status403Forbidden, "AuthenticationFailed",
                "The upload URL's signature is wrong or it has expired. Ask for a new one.");
        }

        if (FindHeaderError(context.Request, terms) is { } error)
        {
            return error;
        }

        // The server's general limit is meant for JSON; this body goes straight to a file, up to the announced size.
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
        {
            limit.MaxRequestBodySize = null;
        }

        return await StoreAsync(context, store, blob, terms, ct);
    }

    private static async Task<IResult> StoreAsync(
        HttpContext context, FileMediaStore store, BlobName blob, UploadTerms terms, CancellationToken ct)
    {
        var expected = ReadMd5(context.Request, out var isMd5Valid);
        if (!isMd5Valid)
        {
            return Error(StatusCodes.Status400BadRequest, "InvalidMd5", "Content-MD5 must be 16 bytes in base64.");
        }

        try
        {
            var (properties, isIntact) = await store.PutAsync(
                blob, context.Request.Body, terms.ContentType, terms.MaxBytes, expected, ct);
            if (!isIntact)
            {
                return Error(StatusCodes.Status400BadRequest, "Md5Mismatch", "The content is not the one that Content-MD5 announces.");
            }

            var headers = context.Response.Headers;
            headers.ETag = properties.ETag.ToHeader();
            headers.LastModified = properties.LastModified.ToString("R", CultureInfo.InvariantCulture);
            headers["x-ms-request-server-encrypted"] = "false";
            return TypedResults.StatusCode(StatusCodes.Status201Created);
        }
        catch (BlobTooLargeException exception)
        {
            return Error(StatusCodes.Status413PayloadTooLarge, "RequestBodyTooLarge", $"{exception.Message}, the announced size.");
        }
    }

    private static BlobError? FindHeaderError(HttpRequest request, UploadTerms terms)
    {
        if (request.Headers["x-ms-blob-type"] != "BlockBlob")
        {
            return Error(StatusCodes.Status400BadRequest, "MissingRequiredHeader", "The header x-ms-blob-type: BlockBlob is missing.");
        }

        if (request.ContentLength > terms.MaxBytes)
        {
            return Error(
                StatusCodes.Status413PayloadTooLarge, "RequestBodyTooLarge",
                $"The body has {request.ContentLength} bytes; announced were {terms.MaxBytes}.");
        }

        return request.ContentType is { } type && type != terms.ContentType
            ? Error(StatusCodes.Status400BadRequest, "InvalidHeaderValue", $"Content-Type must be {terms.ContentType}, as announced.")
            : null;
    }

    private static byte[]? ReadMd5(HttpRequest request, out bool isValid)
    {
        var md5 = new byte[16];
        var header = request.Headers.ContentMD5.ToString();
        isValid = header.Length == 0 || (Convert.TryFromBase64String(header, md5, out var length) && length == md5.Length);
        return header.Length == 0 ? null : md5;
    }

    private static BlobError Error(int status, string code, string message) => new(status, code, message);

    private sealed class BlobError(int status, string code, string message) : IResult
    {
        public Task ExecuteAsync(HttpContext httpContext)
        {
            httpContext.Response.StatusCode = status;
            httpContext.Response.ContentType = "application/xml";
            httpContext.Response.Headers["x-ms-error-code"] = code;
            return httpContext.Response.WriteAsync(
                $"<?xml version=\"1.0\" encoding=\"utf-8\"?><Error><Code>{code}</Code><Message>{SecurityElement.Escape(message)}</Message></Error>",
                httpContext.RequestAborted);
        }
    }
}
