using Backend.Http;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Backend.Media;

/// <summary>What only media answers with.</summary>
internal static class MediaProblems
{
    public static ProblemHttpResult QuotaExceeded(Usage owned) => Problems.Create(
        StatusCodes.Status409Conflict, "media_quota_exceeded",
        $"You own {owned.Count} media with {owned.Bytes} bytes, and this upload is more than you may have; delete some first.");

    public static ProblemHttpResult NotReady(string id) => Problems.Create(
        StatusCodes.Status409Conflict, "media_not_ready", $"The media {id} is not ready; its status says how far it is.");

    public static ProblemHttpResult PresetsOnly() => Problems.Create(
        StatusCodes.Status403Forbidden, "presets_only", "This server makes the images of the model's presets only.");

    public static IResult Busy() => new BusyResult();

    private sealed class BusyResult : IResult
    {
        private const string Seconds = "2";

        public Task ExecuteAsync(HttpContext httpContext)
        {
            httpContext.Response.Headers.RetryAfter = Seconds;
            return Problems.Create(
                StatusCodes.Status503ServiceUnavailable, "unavailable",
                "Too many images are being made; try again after Retry-After seconds.").ExecuteAsync(httpContext);
        }
    }
}
