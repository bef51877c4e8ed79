using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using Backend.Records;

namespace Backend.Azure.Records;

/// <summary>
/// A record as a Cosmos document (docs/cosmos.md shows one). Written and read as UTF-8 without an object model in
/// between: the fields pass through as the bytes they are.
/// </summary>
/// <remarks>
/// Dates are ISO 8601 in UTC with seven decimals, always the same width: ordering the text orders the time.
/// </remarks>
internal static class RecordDocument
{
    public const string PartitionKeyPath = "/scope";

    private const string DateFormat = "yyyy-MM-dd'T'HH:mm:ss.fffffff'Z'";

    // Not for HTML: text stays readable UTF-8, where the default would write six bytes for every "é".
    private static readonly JsonWriterOptions WriterOptions = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>
    /// The document's id, unique within its partition. A record's id has no colon, so the last one parts the two.
    /// </summary>
    public static string IdOf(RecordKey key)
    {
        // Cosmos refuses some of these and its tools trip over the others; the model allows none of them.
        if (key.Collection.AsSpan().ContainsAny("/\\?#%"))
        {
            throw new ArgumentException($"The collection {key.Collection} cannot be part of a document's id.", nameof(key));
        }

        return $"{key.Collection}:{key.Id}";
    }

    /// <param name="record">The record.</param>
    /// <param name="now">The time of the write, from which Cosmos counts until it removes a record that expires.</param>
    public static MemoryStream Write(StoredRecord record, DateTimeOffset now)
    {
        var stream = new MemoryStream(record.Fields.Utf8.Length + 512);
        using (var json = new Utf8JsonWriter(stream, WriterOptions))
        {
            json.WriteStartObject();
            json.WriteString("id"u8, IdOf(record.Key));
            json.WriteString("scope"u8, record.Key.Scope.Value);
            json.WriteString("collection"u8, record.Key.Collection);
            json.WriteString("owner"u8, record.Owner);
            json.WriteString("createdAt"u8, FormatDate(record.CreatedAt));
            json.WriteString("updatedAt"u8, FormatDate(record.UpdatedAt));
            if (record.Deleted)
            {
                json.WriteBoolean("deleted"u8, true);
            }

            if (record.ExpiresAt is { } expiresAt)
            {
                json.WriteString("expiresAt"u8, FormatDate(expiresAt));
                json.WriteNumber("ttl"u8, (int)Math.Clamp(Math.Ceiling((expiresAt - now).TotalSeconds), 1, int.MaxValue));
            }

            if (record.MergeState is { } merge)
            {
                json.WritePropertyName("merge"u8);
                json.WriteRawValue(merge.Span);
            }

            json.WritePropertyName("fields"u8);
            json.WriteRawValue(record.Fields.Utf8.Span);
            json.WriteEndObject();
        }

        stream.Position = 0;
        return stream;
    }

    /// <summary>Reads one document of a scope.</summary>
    public static StoredRecord Read(ReadOnlyMemory<byte> utf8, Scope scope)
    {
        var reader = new Utf8JsonReader(utf8.Span);
        reader.Read();
        return ReadRecord(ref reader, utf8, scope);
    }

    /// <summary>Reads a page of a feed: <c>{"Documents":[…]}</c>. The records share the page's memory.</summary>
    public static void ReadPage(ReadOnlyMemory<byte> utf8, Scope scope, List<StoredRecord> records)
    {
        var reader = new Utf8JsonReader(utf8.Span);
        reader.Read();
        while (reader.Read() && reader.TokenType is JsonTokenType.PropertyName)
        {
            var documents = reader.ValueTextEquals("Documents"u8);
            reader.Read();
            if (!documents)
            {
                reader.Skip();
                continue;
            }

            while (reader.Read() && reader.TokenType is JsonTokenType.StartObject)
            {
                records.Add(ReadRecord(ref reader, utf8, scope));
            }
        }
    }

    /// <summary>Reads a page of a query for one number: <c>{"Documents":[42]}</c>.</summary>
    public static long ReadCount(ReadOnlyMemory<byte> utf8)
    {
        using var page = JsonDocument.Parse(utf8);
        return page.RootElement.GetProperty("Documents").EnumerateArray().Sum(count => count.GetInt64());
    }

    public static ETag ReadETag(string text) => new(text.Trim('"'));

    private static StoredRecord ReadRecord(ref Utf8JsonReader reader, ReadOnlyMemory<byte> utf8, Scope scope)
    {
        string? id = null, owner = null, etag = null;
        DateTimeOffset createdAt = default, updatedAt = default;
        DateTimeOffset? expiresAt = null;
        var (deleted, sameScope, fields) = (false, false, RecordFields.Empty);
        ReadOnlyMemory<byte>? merge = null;
        while (reader.Read() && reader.TokenType is JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("id"u8)) id = NextString(ref reader);
            else if (reader.ValueTextEquals("scope"u8)) sameScope = NextString(ref reader) == scope.Value;
            else if (reader.ValueTextEquals("owner"u8)) owner = NextString(ref reader);
            else if (reader.ValueTextEquals("createdAt"u8)) createdAt = NextDate(ref reader);
            else if (reader.ValueTextEquals("updatedAt"u8)) updatedAt = NextDate(ref reader);
            else if (reader.ValueTextEquals("expiresAt"u8)) expiresAt = NextDate(ref reader);
            else if (reader.ValueTextEquals("_etag"u8)) etag = NextString(ref reader);
            else if (reader.ValueTextEquals("deleted"u8)) deleted = reader.Read() && reader.GetBoolean();
            else if (reader.ValueTextEquals("fields"u8)) fields = new RecordFields(NextValue(ref reader, utf8));
            else if (reader.ValueTextEquals("merge"u8)) merge = NextValue(ref reader, utf8);
            else reader.Skip();
        }

        // A position of another scope must not open that scope's feed, whoever made the mistake.
        if (!sameScope || id is null || etag is null || id.LastIndexOf(':') is not (> 0 and var colon)
            || !RecordId.TryParse(id[(colon + 1)..], out var recordId))
        {
            throw new InvalidDataException($"The document {id} is no record of this scope.");
        }

        return new StoredRecord
        {
            Key = new RecordKey(scope, id[..colon], recordId),
            Owner = owner ?? "",
            CreatedAt = createdAt,
            UpdatedAt = updatedAt,
            Deleted = deleted,
            ExpiresAt = expiresAt,
            ETag = ReadETag(etag),
            Fields = fields,
            MergeState = merge,
        };
    }

    private static string? NextString(ref Utf8JsonReader reader)
    {
        reader.Read();
        return reader.GetString();
    }

    private static DateTimeOffset NextDate(ref Utf8JsonReader reader)
    {
        reader.Read();
        return reader.GetDateTimeOffset();
    }

    private static ReadOnlyMemory<byte> NextValue(ref Utf8JsonReader reader, ReadOnlyMemory<byte> utf8)
    {
        reader.Read();
        var start = (int)reader.TokenStartIndex;
        reader.Skip();
        return utf8[start..(int)reader.BytesConsumed];
    }

    /// <summary>A date as it stands in documents, to compare with those.</summary>
    public static string FormatDate(DateTimeOffset date) =>
        date.UtcDateTime.ToString(DateFormat, CultureInfo.InvariantCulture);
}
