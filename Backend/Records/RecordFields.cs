using System.Text.Json;
using Backend.Http;

namespace Backend.Records;

/// <summary>
/// The values of a record's fields: an immutable JSON object, kept as the UTF-8 text that the store holds, so that a
/// read copies bytes to the response and parses only when somebody asks for a value.
/// </summary>
public sealed class RecordFields
{
    public static readonly RecordFields Empty = new("{}"u8.ToArray());

    private JsonElement? _element;

    /// <param name="utf8">A JSON object in UTF-8. It is not copied and must not change afterwards.</param>
    public RecordFields(ReadOnlyMemory<byte> utf8) => Utf8 = utf8;

    public ReadOnlyMemory<byte> Utf8 { get; }

    /// <summary>The parsed object. Parsed once, at first use; a race parses it twice, to the same result.</summary>
    public JsonElement Element => _element ??= JsonElement.Parse(Utf8.Span);

    public bool TryGet(string field, out JsonElement value) => Element.TryGetProperty(field, out value);

    /// <summary>A new object of these values.</summary>
    public static RecordFields Of(IReadOnlyDictionary<string, JsonElement> values) => Write(writer =>
    {
        foreach (var (name, value) in values)
        {
            writer.WritePropertyName(name);
            value.WriteTo(writer);
        }
    });

    /// <summary>A new object with the values that <paramref name="write"/> puts between the braces.</summary>
    public static RecordFields Write(Action<Utf8JsonWriter> write) => new(JsonText.WriteUtf8(write, static (write, writer) =>
    {
        writer.WriteStartObject();
        write(writer);
        writer.WriteEndObject();
    }));
}
