using System.Text.Encodings.Web;
using System.Text.Json;

namespace Backend.Http;

/// <summary>
/// How JSON is written everywhere: only what JSON itself requires is escaped. The stricter default protects JSON that is
/// pasted into HTML; these answers never are, and say so (application/json, nosniff).
/// </summary>
internal static class JsonText
{
    public static JavaScriptEncoder Encoder => JavaScriptEncoder.UnsafeRelaxedJsonEscaping;

    public static JsonWriterOptions WriterOptions { get; } = new() { Encoder = Encoder, SkipValidation = true };
}
