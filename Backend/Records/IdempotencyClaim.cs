using System.Buffers;
using System.Runtime.InteropServices;
using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace Backend.Records;

/// <summary>
/// What the store remembers of a request with a key: what it asked, the ids and the time that its first attempt chose,
/// and the answer once there is one.
/// </summary>
/// <param name="Stored">The claim as the store has it.</param>
/// <param name="Request">The <see cref="IdempotencyKey.Request"/> that came first.</param>
/// <param name="Ids">The ids of the records, in the order of the request.</param>
/// <param name="At">The time of creation that the records get, in milliseconds: by it a record is known as this request's.</param>
/// <param name="Answer">The answer; null as long as no attempt has come so far.</param>
internal sealed record IdempotencyClaim(
    StoredRecord Stored, string Request, IReadOnlyList<RecordId> Ids, long At, StoredAnswer? Answer)
{
    public Birth Birth => new(Ids[0], DateTimeOffset.FromUnixTimeMilliseconds(At));

    /// <summary>Whether a record was created by an attempt of this request.</summary>
    public bool Created(StoredRecord record) =>
        record.Owner == Stored.Owner && record.CreatedAt.ToUnixTimeMilliseconds() == At && Ids.Contains(record.Key.Id);

    /// <summary>What a request with this key gets without being carried out; null when it has to be.</summary>
    public OnceOutcome? AnswerTo(IdempotencyKey key) =>
        Request != key.Request ? new OnceOutcome.KeyReused()
        : Answer is not null ? new OnceOutcome.Answered(Answer, IsReplay: true)
        : null;

    public static RecordFields Write(string request, IEnumerable<RecordId> ids, DateTimeOffset at, StoredAnswer? answer) =>
        RecordFields.Write(json =>
        {
            json.WriteString("request"u8, request);
            json.WriteNumber("at"u8, at.ToUnixTimeMilliseconds());
            json.WriteStartArray("ids"u8);
            foreach (var id in ids)
            {
                json.WriteStringValue(id.Value);
            }

            json.WriteEndArray();
            if (answer is not null)
            {
                json.WriteNumber("status"u8, answer.Status);
                json.WriteString("location"u8, answer.Location);
                json.WriteString("etag"u8, answer.ETag?.Value);
                json.WritePropertyName("body"u8);
                json.WriteRawValue(answer.Body.Span);
            }
        });

    public static IdempotencyClaim Read(StoredRecord stored)
    {
        var fields = stored.Fields.Element;
        var ids = fields.GetProperty("ids").EnumerateArray()
            .Select(id => RecordId.TryParse(id.GetString(), out var parsed)
                ? parsed
                : throw new InvalidDataException($"The claim {stored.Key} names no record."));
        return new IdempotencyClaim(
            stored,
            fields.GetProperty("request").GetString() ?? "",
            [.. ids],
            fields.GetProperty("at").GetInt64(),
            fields.TryGetProperty("status", out var status) ? ReadAnswer(fields, status.GetInt32()) : null);
    }

    private static StoredAnswer ReadAnswer(JsonElement fields, int status) => new(
        status,
        fields.GetProperty("location").GetString(),
        fields.GetProperty("etag").GetString() is { } etag ? new ETag(etag) : null,
        JsonMarshal.GetRawUtf8Value(fields.GetProperty("body")).ToArray());
}

/// <summary>An answer as bytes, to give it again.</summary>
internal sealed record StoredAnswer(int Status, string? Location, ETag? ETag, ReadOnlyMemory<byte> Body)
{
    public static StoredAnswer Of(StoredRecord created)
    {
        var body = new ArrayBufferWriter<byte>(created.Fields.Utf8.Length + 512);
        RecordJson.Write(body, created);
        return new StoredAnswer(StatusCodes.Status201Created, RecordResult.LocationOf(created), created.ETag, body.WrittenMemory);
    }
}
