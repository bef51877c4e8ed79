using System.Globalization;
using Backend.Media.Delivery;
using Backend.Records;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace Backend.Media;

/// <summary>
/// Streams a blob from its store: conditional by ETag, and by range (RFC 9110, section 14), so that downloads resume.
/// A request for several ranges gets the whole blob, as the RFC allows.
/// </summary>
internal sealed class BlobResult(IMediaStore store, BlobName name, BlobProperties blob, string cacheControl, Vary vary) : IResult
{
    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var (request, response) = (httpContext.Request, httpContext.Response);
        response.Headers.ETag = blob.ETag.ToHeader();
        response.Headers.CacheControl = cacheControl;
        if (vary is not Vary.None)
        {
            response.Headers.Vary = vary switch
            {
                Vary.Accept => "Accept",
                Vary.SaveData => "Save-Data",
                _ => "Accept, Save-Data",
            };
        }

        response.Headers.AcceptRanges = "bytes";
        // Apps show these images on pages of other origins; the URL's signature is what protects them.
        response.Headers["Cross-Origin-Resource-Policy"] = "cross-origin";
        if (ETagCondition.Parse(request.Headers.IfNoneMatch).Names(blob.ETag))
        {
            response.StatusCode = StatusCodes.Status304NotModified;
            return;
        }

        if (!TryFindRange(request, out var range))
        {
            response.StatusCode = StatusCodes.Status416RangeNotSatisfiable;
            response.Headers.CacheControl = "no-store"; // the blob is good for a year, this answer is not
            response.Headers.ContentRange = string.Create(CultureInfo.InvariantCulture, $"bytes */{blob.Length}");
            return;
        }

        if (range is { } part)
        {
            response.StatusCode = StatusCodes.Status206PartialContent;
            response.Headers.ContentRange = string.Create(
                CultureInfo.InvariantCulture, $"bytes {part.Offset}-{part.Offset + part.Length - 1}/{blob.Length}");
        }

        response.ContentType = blob.ContentType;
        response.ContentLength = range?.Length ?? blob.Length;
        if (!HttpMethods.IsHead(request.Method))
        {
            await CopyAsync(response.Body, range, httpContext.RequestAborted);
        }
    }

    private async Task CopyAsync(Stream body, BlobRange? range, CancellationToken ct)
    {
        await using var content = await store.OpenReadAsync(name, range, ct)
            ?? throw new IOException($"{name} was deleted while it was being served");
        await content.CopyToAsync(body, ct);
    }

    /// <summary>False when the range lies outside the blob. No range: none was asked for, or it is not to be honoured.</summary>
    private bool TryFindRange(HttpRequest request, out BlobRange? range)
    {
        range = null;
        if (!RangeHeaderValue.TryParse(request.Headers.Range.ToString(), out var header)
            || header.Unit != "bytes"
            || header.Ranges.Count != 1
            || (request.Headers.IfRange.ToString() is { Length: > 0 } ifRange && ifRange != blob.ETag.ToHeader()))
        {
            return true;
        }

        var asked = header.Ranges.First();
        var start = asked.From ?? Math.Max(0, blob.Length - (asked.To ?? 0));
        var end = asked.From is null ? blob.Length - 1 : Math.Min(asked.To ?? long.MaxValue, blob.Length - 1);
        if (start > end)
        {
            return false;
        }

        range = new BlobRange(start, end - start + 1);
        return true;
    }
}
