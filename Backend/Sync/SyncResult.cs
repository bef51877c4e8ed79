using System.Text.Json;
using Backend.Http;
using Backend.Records;
using Microsoft.AspNetCore.Http;

namespace Backend.Sync;

/// <summary>Writes an exchange's answer; records go from the store's bytes to the wire without being parsed.</summary>
internal sealed class SyncResult(IReadOnlyList<ScopeChanges> changes, DateTimeOffset serverTime) : IResult
{
    public async Task ExecuteAsync(HttpContext httpContext)
    {
        httpContext.Response.ContentType = "application/json; charset=utf-8";
        var output = httpContext.Response.BodyWriter;
        await using (var writer = new Utf8JsonWriter(output, JsonText.WriterOptions))
        {
            writer.WriteStartObject();
            writer.WriteStartArray("results"u8);
            writer.WriteEndArray();
            writer.WriteStartArray("changes"u8);
            foreach (var scope in changes)
            {
                WriteScope(writer, scope);
            }

            writer.WriteEndArray();
            writer.WriteString("serverTime"u8, Timestamps.Format(serverTime));
            writer.WriteEndObject();
        }

        await output.FlushAsync(httpContext.RequestAborted);
    }

    private static void WriteScope(Utf8JsonWriter writer, ScopeChanges scope)
    {
        writer.WriteStartObject();
        writer.WriteString("scope"u8, scope.Scope.Value);
        writer.WriteString("cursor"u8, scope.Cursor);
        writer.WriteBoolean("hasMore"u8, scope.HasMore);
        if (scope.IsRevoked)
        {
            writer.WriteBoolean("revoked"u8, true);
        }

        if (scope.NeedsResync)
        {
            writer.WriteBoolean("resync"u8, true);
        }

        writer.WriteStartArray("records"u8);
        RecordJson.WriteAll(writer, scope.Records, withCollection: true);

        writer.WriteEndArray();
        writer.WriteStartArray("removed"u8);
        foreach (var key in scope.Removed)
        {
            writer.WriteStartObject();
            writer.WriteString("collection"u8, key.Collection);
            writer.WriteString("id"u8, key.Id.Value);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }
}
