using System.Buffers;
using System.Text.Json;
using Backend.Http;
using Backend.Merging;
using Backend.Records;
using Backend.Sync.Pull;
using Backend.Sync.Push;
using Microsoft.AspNetCore.Http;

namespace Backend.Sync;

/// <summary>Writes an exchange's answer; records go from the store's bytes to the wire without being parsed.</summary>
internal sealed class SyncResult(SyncOutcome.Done done) : IResult
{
    public async Task ExecuteAsync(HttpContext httpContext)
    {
        httpContext.Response.ContentType = "application/json; charset=utf-8";
        var output = httpContext.Response.BodyWriter;
        await using (var writer = new Utf8JsonWriter(output, JsonText.WriterOptions))
        {
            writer.WriteStartObject();
            writer.WriteStartArray("results"u8);
            foreach (var result in done.Results)
            {
                WriteResult(writer, result);
            }

            writer.WriteEndArray();
            writer.WriteStartArray("changes"u8);
            foreach (var scope in done.Changes)
            {
                WriteScope(writer, scope);
            }

            writer.WriteEndArray();
            writer.WriteString("serverTime"u8, Timestamps.Format(done.ServerTime));
            writer.WriteEndObject();
        }

        await output.FlushAsync(httpContext.RequestAborted);
    }

    /// <summary>One result as it stands in <c>results</c>, and on a line of a batch's result file.</summary>
    /// <param name="writer">Where it goes.</param>
    /// <param name="result">The result.</param>
    /// <param name="line">In a batch, the line of its file.</param>
    public static void WriteResult(Utf8JsonWriter writer, MutationResult result, int? line = null)
    {
        writer.WriteStartObject();
        if (line is { } number)
        {
            writer.WriteNumber("line"u8, number);
        }

        if (result.Seq > 0)
        {
            writer.WriteNumber("seq"u8, result.Seq);
        }

        writer.WriteString("status"u8, NameOf(result.Status));
        if (result.Version is { } version)
        {
            writer.WriteString("version"u8, version.ToString());
        }

        if (result.Stamp is { } stamp)
        {
            writer.WriteString("stamp"u8, stamp.ToString());
        }

        if (result.Record is { } record)
        {
            var buffer = new ArrayBufferWriter<byte>(512);
            RecordJson.Write(buffer, record, forSync: true);
            writer.WritePropertyName("record"u8);
            writer.WriteRawValue(buffer.WrittenSpan, skipInputValidation: true);
        }

        if (result.Problem is { } problem)
        {
            WriteProblem(writer, problem);
        }

        writer.WriteEndObject();
    }

    private static void WriteProblem(Utf8JsonWriter writer, MutationProblem problem)
    {
        writer.WriteStartObject("problem"u8);
        writer.WriteNumber("status"u8, problem.Status);
        writer.WriteString("code"u8, problem.Code);
        writer.WriteString("detail"u8, problem.Detail);
        if (problem.Errors is { Count: > 0 } errors)
        {
            writer.WriteStartArray("errors"u8);
            foreach (var error in errors)
            {
                writer.WriteStartObject();
                writer.WriteString("path"u8, error.Path);
                writer.WriteString("code"u8, error.Code);
                writer.WriteString("message"u8, error.Message);
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
        }

        writer.WriteEndObject();
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
        RecordJson.WriteAll(writer, scope.Records, forSync: true);
        writer.WriteEndArray();
        writer.WriteStartArray("removed"u8);
        foreach (var record in scope.Removed)
        {
            writer.WriteStartObject();
            writer.WriteString("collection"u8, record.Key.Collection);
            writer.WriteString("id"u8, record.Key.Id.Value);
            writer.WriteString("version"u8, MergeState.VersionOf(record).ToString());
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        WriteChecksums(writer, scope.Checksums);
        writer.WriteEndObject();
    }

    private static void WriteChecksums(Utf8JsonWriter writer, IReadOnlyList<CollectionChecksum>? checksums)
    {
        if (checksums is null)
        {
            return;
        }

        writer.WriteStartArray("checksums"u8);
        foreach (var checksum in checksums)
        {
            writer.WriteStartObject();
            writer.WriteString("collection"u8, checksum.Collection);
            writer.WriteNumber("count"u8, checksum.Count);
            writer.WriteString("hash"u8, checksum.Hash);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    private static string NameOf(MutationStatus status) => status switch
    {
        MutationStatus.Applied => "applied",
        MutationStatus.Merged => "merged",
        MutationStatus.Conflict => "conflict",
        MutationStatus.Rejected => "rejected",
        MutationStatus.Retry => "retry",
        _ => throw new ArgumentOutOfRangeException(nameof(status)),
    };
}
