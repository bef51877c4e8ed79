using Microsoft.AspNetCore.Http;

namespace Backend.Records;

/// <summary>Answers with bytes that are the same for every attempt of a request.</summary>
internal sealed class StoredAnswerResult(StoredAnswer answer, bool isReplay) : IResult
{
    /// <summary>Tells that an earlier attempt had the effect.</summary>
    public const string ReplayedHeader = "Idempotency-Replayed";

    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var response = httpContext.Response;
        response.StatusCode = answer.Status;
        response.ContentType = "application/json; charset=utf-8";
        response.Headers.CacheControl = "private, no-cache";
        response.Headers.Vary = "Authorization";
        response.Headers.Location = answer.Location;
        response.Headers.ETag = answer.ETag?.ToHeader();
        if (isReplay)
        {
            response.Headers[ReplayedHeader] = "true";
        }

        await response.BodyWriter.WriteAsync(answer.Body, httpContext.RequestAborted);
    }
}
