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
    /// <summary>A larger pad is not kept.</summary>
    private const int MaxPadBytes = 64 * 1024;

    /// <summary>A request of sync writes hundreds of small texts, which need not have a writer and a buffer each.</summary>
    [ThreadStatic]
    private static Pad? t_pad;

    public static JavaScriptEncoder Encoder => JavaScriptEncoder.UnsafeRelaxedJsonEscaping;

    public static JsonWriterOptions WriterOptions { get; } = new() { Encoder = Encoder, SkipValidation = true };

    /// <summary>The value that <paramref name="write"/> writes.</summary>
    public static JsonElement Write(Action<Utf8JsonWriter> write) => JsonElement.Parse(WriteUtf8(write, static (write, writer) => write(writer)));

    /// <summary>The text that <paramref name="write"/> writes, in an array of just that size.</summary>
    /// <param name="state">What to write; so that nothing has to be captured.</param>
    /// <param name="write">Writes one value.</param>
    public static byte[] WriteUtf8<T>(T state, Action<T, Utf8JsonWriter> write)
    {
        // One that writes while another writes gets a pad of its own.
        var pad = t_pad ?? new Pad();
        t_pad = null;
        try
        {
            write(state, pad.Writer);
            pad.Writer.Flush();
            return pad.Buffer.WrittenSpan.ToArray();
        }
        finally
        {
            pad.Buffer.ResetWrittenCount();
            pad.Writer.Reset();
            t_pad = pad.Buffer.Capacity <= MaxPadBytes ? pad : null;
        }
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

    /// <summary>Where a text is written before it is copied.</summary>
    private sealed class Pad
    {
        public Pad() => Writer = new Utf8JsonWriter(Buffer, WriterOptions);

        public ArrayBufferWriter<byte> Buffer { get; } = new(1024);

        public Utf8JsonWriter Writer { get; }
    }
}
