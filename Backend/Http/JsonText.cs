using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Backend.Http;

/// <summary>
/// How JSON is written everywhere: only what JSON itself requires is escaped, and characters beyond the Basic Multilingual
/// Plane, which every encoder of the framework escapes. The stricter default protects JSON that is
/// pasted into HTML; these answers never are, and say so (application/json, nosniff).
/// </summary>
internal static class JsonText
{
    public static JavaScriptEncoder Encoder => JavaScriptEncoder.UnsafeRelaxedJsonEscaping;

    public static JsonWriterOptions WriterOptions { get; } = new() { Encoder = Encoder, SkipValidation = true };

    /// <summary>The value that <paramref name="write"/> writes.</summary>
    public static JsonElement Write(Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, WriterOptions))
        {
            write(writer);
        }

        return JsonElement.Parse(buffer.WrittenSpan);
    }

    public static JsonElement Array(IReadOnlyList<string> strings) => Write(writer =>
    {
        writer.WriteStartArray();
        foreach (var text in strings)
        {
            writer.WriteStringValue(text);
        }

        writer.WriteEndArray();
    });
}
