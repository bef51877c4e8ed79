using System.Text.Json;
using Backend.Http;
using Microsoft.AspNetCore.Http;

namespace Backend.Records;

/// <summary>
/// Answers with a page; records go from the store's bytes to the wire without being parsed. 304 when the client has this
/// page already.
/// </summary>
internal sealed class RecordPageResult(ListOutcome.Page page) : IResult
{
    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var response = httpContext.Response;
        var etag = new ETag(RecordValidator.Of(page.Records, page.Shape, page.Next, page.Count));
        response.Headers.ETag = $"W/{etag.ToHeader()}";
        response.Headers.Vary = "Save-Data";
        RecordCaching.Apply(httpContext, page.Collection, page.DependsOnCaller);
        if (ETagCondition.Parse(httpContext.Request.Headers.IfNoneMatch).Names(etag))
        {
            response.StatusCode = StatusCodes.Status304NotModified;
            return;
        }

        response.ContentType = "application/json; charset=utf-8";
        var output = response.BodyWriter;
        await using (var writer = new Utf8JsonWriter(output, JsonText.WriterOptions))
        {
            writer.WriteStartObject();
            writer.WriteStartArray("items"u8);
            RecordJson.WriteAll(writer, page.Records, forSync: false, page.Shape);
            writer.WriteEndArray();
            writer.WriteString("next"u8, page.Next);
            if (page.Count is { } count)
            {
                writer.WriteNumber("count"u8, count);
            }

            writer.WriteEndObject();
        }

        await output.FlushAsync(httpContext.RequestAborted);
    }
}
