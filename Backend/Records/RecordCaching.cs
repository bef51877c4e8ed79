using Backend.Model;
using Microsoft.AspNetCore.Http;

namespace Backend.Records;

/// <summary>Says how long an answer with records may be kept, and by whom.</summary>
internal static class RecordCaching
{
    /// <param name="context">The request.</param>
    /// <param name="collection">The collection whose records are answered.</param>
    /// <param name="dependsOnCaller">
    /// Whether somebody else would get another answer to the same URL although the read rule does not ask who it is.
    /// </param>
    public static void Apply(HttpContext context, CollectionModel? collection, bool dependsOnCaller = false)
    {
        var isRead = HttpMethods.IsGet(context.Request.Method) || HttpMethods.IsHead(context.Request.Method);
        var policy = isRead ? collection?.Cache : null;
        var isShared = policy is { IsPublic: true } && !dependsOnCaller;
        var headers = context.Response.Headers;
        headers.CacheControl = policy is null ? CachePolicy.Default : isShared ? policy.Shared : policy.Own;
        if (!isShared)
        {
            headers.Append("Vary", "Authorization");
        }
    }
}
