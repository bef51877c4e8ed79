using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using System.Text.Unicode;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Backend.Http;

/// <summary>
/// Reads JSON request bodies strictly: well-formed, UTF-8, not too large or deep, no name twice, no unknown name. What
/// is wrong is answered with the JSON path of the place.
/// </summary>
internal static class JsonBody
{
    /// <summary>The body as an object whose names the caller knows.</summary>
    public static async Task<JsonElement> ReadObjectAsync(HttpContext context)
    {
        var bytes = await ReadBytesAsync(context);
        var options = ParseOptions(context);
        CheckText(bytes.Span, options.MaxDepth);
        try
        {
            var element = JsonElement.Parse(bytes.Span, options);
            return element.ValueKind is JsonValueKind.Object
                ? element
                : throw new RequestException(Problems.Invalid("$", "wrong_type", "Expected an object."));
        }
        catch (JsonException exception)
        {
            throw Refusal(bytes, options.MaxDepth, exception);
        }
    }

    /// <summary>The body as a type of a generated JSON context.</summary>
    public static async Task<T> ReadAsync<T>(HttpContext context, JsonTypeInfo<T> type) =>
        (await ReadWithElementAsync(context, type)).Value;

    /// <summary>As above, and beside it as it was sent.</summary>
    public static async Task<(T Value, JsonElement Body)> ReadWithElementAsync<T>(HttpContext context, JsonTypeInfo<T> type)
    {
        var bytes = await ReadBytesAsync(context);
        CheckText(bytes.Span, MaxDepth(context));
        try
        {
            // The limits of depth are the request's, not the type's, so the text is parsed by them first.
            var body = JsonElement.Parse(bytes.Span, ParseOptions(context));
            return (body.Deserialize(type) ?? throw new RequestException(Problems.Invalid("$", "wrong_type", "Expected an object.")), body);
        }
        catch (JsonException exception)
        {
            throw Refusal(bytes, MaxDepth(context), exception);
        }
    }

    /// <summary>
    /// The parser takes bytes that are no UTF-8 and escapes of half a surrogate pair, and fails only when somebody asks for
    /// the text. Bodies that may have either are read for it.
    /// </summary>
    private static void CheckText(ReadOnlySpan<byte> bytes, int maxDepth)
    {
        if ((!Utf8.IsValid(bytes) || bytes.IndexOf("\\ud"u8) >= 0 || bytes.IndexOf("\\uD"u8) >= 0)
            && JsonSyntax.FindError(bytes, maxDepth) is { } error)
        {
            throw new RequestException(Problems.Invalid([error]));
        }
    }

    /// <summary>Only a body that was refused is read again, to name the place.</summary>
    private static RequestException Refusal(ReadOnlyMemory<byte> bytes, int maxDepth, JsonException exception) =>
        new(Problems.Invalid([JsonSyntax.FindError(bytes.Span, maxDepth) ?? ErrorOf(exception)]));

    /// <summary>What a generated context found wrong with well-formed JSON.</summary>
    public static FieldError ErrorOf(JsonException exception) =>
        new(exception.Path ?? "$", CodeOf(exception), Describe(exception));

    private static Task<ReadOnlyMemory<byte>> ReadBytesAsync(HttpContext context) => context.Request.HasJsonContentType()
        ? RequestBody.ReadAsync(context)
        : throw new RequestException(Problems.UnsupportedMediaType("The body must be JSON with the content type application/json."));

    private static JsonDocumentOptions ParseOptions(HttpContext context) =>
        new() { MaxDepth = MaxDepth(context), AllowDuplicateProperties = false };

    /// <summary>How deep the JSON of a request may be nested.</summary>
    public static int MaxDepth(HttpContext context) =>
        context.RequestServices.GetRequiredService<IOptions<HttpOptions>>().Value.MaxJsonDepth;

    private static string CodeOf(JsonException exception) =>
        exception.Message.Contains("could not be mapped", StringComparison.Ordinal) ? "unknown_field"
        : exception.Message.Contains("required", StringComparison.Ordinal) ? "required"
        : "wrong_type";

    /// <summary>The serializer's message names .NET types, which mean nothing to a client.</summary>
    private static string Describe(JsonException exception) => CodeOf(exception) switch
    {
        "unknown_field" => "There is no such field.",
        "required" => exception.Message.Split(": ") is [.., var missing] ? $"Missing: {missing.TrimEnd('.')}." : "A field is missing.",
        _ => "The value is of the wrong type.",
    };
}
