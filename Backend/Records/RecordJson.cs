using System.Buffers;
using System.Text.Json;
using Backend.Http;
using Backend.Merging;

namespace Backend.Records;

/// <summary>Writes records as they look on the wire: flat, the reserved names first, then the fields.</summary>
internal static class RecordJson
{
    /// <summary>Writes records as elements of the array that the writer is in.</summary>
    public static void WriteAll(
        Utf8JsonWriter writer, IReadOnlyList<StoredRecord> records, bool forSync = false, RecordShape? shape = null)
    {
        var buffer = new ArrayBufferWriter<byte>(1024);
        foreach (var record in records)
        {
            buffer.ResetWrittenCount();
            Write(buffer, record, forSync, shape);
            writer.WriteRawValue(buffer.WrittenSpan, skipInputValidation: true);
        }
    }

    /// <param name="output">Takes the UTF-8 text.</param>
    /// <param name="record">The record.</param>
    /// <param name="forSync">Whether to name the collection, where a page mixes several, and the version.</param>
    /// <param name="shape">What of the record to write; null for all.</param>
    public static void Write(
        IBufferWriter<byte> output, StoredRecord record, bool forSync = false, RecordShape? shape = null)
    {
        WriteReserved(output, record, forSync, shape?.Fields);
        if (shape?.Fields is { } fields)
        {
            fields.WriteFields(output, record.Fields.Utf8.Span);
        }
        else if (record.Fields.Utf8.Span is not [(byte)'{', (byte)'}'])
        {
            // An object's text already: its members follow without being parsed.
            output.Write(","u8);
            output.Write(record.Fields.Utf8.Span[1..^1]);
        }

        if (shape?.Expanded is { } expanded)
        {
            WriteExpanded(output, record, expanded);
        }

        output.Write("}"u8);
    }

    private static void WriteReserved(IBufferWriter<byte> output, StoredRecord record, bool forSync, Projection? fields)
    {
        using var writer = new Utf8JsonWriter(output, JsonText.WriterOptions);
        writer.WriteStartObject();
        if (forSync)
        {
            writer.WriteString("collection"u8, record.Key.Collection);
        }

        writer.WriteString("id"u8, record.Key.Id.Value);
        if (forSync)
        {
            writer.WriteString("$version"u8, MergeState.VersionOf(record).ToString());
        }

        if (fields is null)
        {
            writer.WriteString("scope"u8, record.Key.Scope.Value);
            writer.WriteString("owner"u8, record.Owner);
            writer.WriteString("createdAt"u8, Timestamps.Format(record.CreatedAt));
            writer.WriteString("updatedAt"u8, Timestamps.Format(record.UpdatedAt));
            writer.WriteString("etag"u8, record.ETag.Value);
            writer.WriteBoolean("deleted"u8, record.Deleted);
            return;
        }

        WriteText("scope", record.Key.Scope.Value);
        WriteText("owner", record.Owner);
        WriteText("createdAt", Timestamps.Format(record.CreatedAt));
        WriteText("updatedAt", Timestamps.Format(record.UpdatedAt));
        WriteText("etag", record.ETag.Value);
        if (fields.Includes("deleted"))
        {
            writer.WriteBoolean("deleted"u8, record.Deleted);
        }

        void WriteText(string name, string value)
        {
            if (fields.Includes(name))
            {
                writer.WriteString(name, value);
            }
        }
    }

    private static void WriteExpanded(IBufferWriter<byte> output, StoredRecord record, ExpandedRecords expanded)
    {
        output.Write(",\"expanded\":{"u8);
        for (var i = 0; i < expanded.Fields.Count; i++)
        {
            var field = expanded.Fields[i];
            // A field's name has letters, digits and underscores: nothing to escape.
            output.Write(System.Text.Encoding.UTF8.GetBytes($"{(i == 0 ? "" : ",")}\"{field.Name}\":"));
            if (expanded.Find(record, field) is { } target)
            {
                Write(output, target);
            }
            else
            {
                output.Write("null"u8);
            }
        }

        output.Write("}"u8);
    }
}
