using System.Buffers;
using System.Text.Json;
using Backend.Http;

namespace Backend.Records;

/// <summary>Writes records as they look on the wire: flat, the reserved names first, then the fields.</summary>
internal static class RecordJson
{
    /// <summary>Writes records as elements of the array that the writer is in.</summary>
    public static void WriteAll(Utf8JsonWriter writer, IReadOnlyList<StoredRecord> records, bool withCollection = false)
    {
        var buffer = new ArrayBufferWriter<byte>(1024);
        foreach (var record in records)
        {
            buffer.ResetWrittenCount();
            Write(buffer, record, withCollection);
            writer.WriteRawValue(buffer.WrittenSpan, skipInputValidation: true);
        }
    }

    /// <param name="output">Takes the UTF-8 text.</param>
    /// <param name="record">The record.</param>
    /// <param name="withCollection">Whether to name the collection, where a page mixes several.</param>
    public static void Write(IBufferWriter<byte> output, StoredRecord record, bool withCollection = false)
    {
        using (var writer = new Utf8JsonWriter(output, JsonText.WriterOptions))
        {
            writer.WriteStartObject();
            if (withCollection)
            {
                writer.WriteString("collection"u8, record.Key.Collection);
            }

            writer.WriteString("id"u8, record.Key.Id.Value);
            writer.WriteString("scope"u8, record.Key.Scope.Value);
            writer.WriteString("owner"u8, record.Owner);
            writer.WriteString("createdAt"u8, Timestamps.Format(record.CreatedAt));
            writer.WriteString("updatedAt"u8, Timestamps.Format(record.UpdatedAt));
            writer.WriteString("etag"u8, record.ETag.Value);
            writer.WriteBoolean("deleted"u8, record.Deleted);
        }

        // The fields are an object's text already: its members follow without being parsed.
        var fields = record.Fields.Utf8.Span;
        var isEmpty = fields is [(byte)'{', (byte)'}'];
        output.Write(isEmpty ? "}"u8 : ","u8);
        output.Write(isEmpty ? [] : fields[1..]);
    }
}
