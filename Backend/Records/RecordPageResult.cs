using System.Text.Json;
using Backend.Http;
using Microsoft.AspNetCore.Http;

namespace Backend.Records;

/// <summary>Answers with a page; records go from the store's bytes to the wire without being parsed.</summary>
internal sealed class RecordPageResult(ListOutcome.Page page) : IResult
{
    public async Task ExecuteAsync(HttpContext httpContext)
    {
        httpContext.Response.ContentType = "application/json; charset=utf-8";
        RecordCaching.Apply(httpContext, page.Collection, page.DependsOnCaller);
        var output = httpContext.Response.BodyWriter;
        await using (var writer = new Utf8JsonWriter(output, JsonText.WriterOptions))
        {
            writer.WriteStartObject();
            writer.WriteStartArray("items"u8);
            RecordJson.WriteAll(writer, page.Records);
            writer.WriteEndArray();
            writer.WriteString("next"u8, page.Next);
            writer.WriteEndObject();
        }

        await output.FlushAsync(httpContext.RequestAborted);
    }
}
