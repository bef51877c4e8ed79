using System.Buffers;
using System.Text.Json;
using Backend.Http;
using Microsoft.AspNetCore.Http;

namespace Backend.Records;

/// <summary>Writes the answer to a batch: what each operation would have answered alone.</summary>
internal static class BatchAnswer
{
    /// <param name="operations">What was asked.</param>
    /// <param name="records">What was written, in the same order; null for a record that is gone since.</param>
    public static StoredAnswer Write(IReadOnlyList<BatchOperation> operations, IReadOnlyList<StoredRecord?> records)
    {
        var body = new ArrayBufferWriter<byte>(1024);
        var recordText = new ArrayBufferWriter<byte>(1024);
        using (var json = new Utf8JsonWriter(body, JsonText.WriterOptions))
        {
            json.WriteStartObject();
            json.WriteStartArray("results"u8);
            foreach (var (operation, record) in operations.Zip(records))
            {
                json.WriteStartObject();
                json.WriteNumber("status"u8, StatusOf(operation));
                if (record is not null && operation.Op != BatchOperation.Delete)
                {
                    recordText.ResetWrittenCount();
                    RecordJson.Write(recordText, record);
                    json.WritePropertyName("record"u8);
                    json.WriteRawValue(recordText.WrittenSpan, skipInputValidation: true);
                }

                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        return new StoredAnswer(StatusCodes.Status200OK, null, null, body.WrittenMemory);
    }

    private static int StatusOf(BatchOperation operation) => operation.Op switch
    {
        BatchOperation.Create => StatusCodes.Status201Created,
        BatchOperation.Delete => StatusCodes.Status204NoContent,
        _ => StatusCodes.Status200OK,
    };
}
