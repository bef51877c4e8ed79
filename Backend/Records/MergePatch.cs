using System.Buffers;
using System.Text.Json;
using Backend.Http;

namespace Backend.Records;

/// <summary>JSON merge patch, the algorithm of RFC 7396, section 2.</summary>
internal static class MergePatch
{
    public static JsonElement Apply(JsonElement target, JsonElement patch)
    {
        if (patch.ValueKind is not JsonValueKind.Object)
        {
            return patch;
        }

        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, JsonText.WriterOptions))
        {
            Write(writer, target, patch);
        }

        return JsonElement.Parse(buffer.WrittenSpan);
    }

    private static void Write(Utf8JsonWriter writer, JsonElement? target, JsonElement patch)
    {
        if (patch.ValueKind is not JsonValueKind.Object)
        {
            patch.WriteTo(writer);
            return;
        }

        writer.WriteStartObject();
        var before = target is { ValueKind: JsonValueKind.Object } value ? value : (JsonElement?)null;
        foreach (var property in before?.EnumerateObject() ?? default)
        {
            if (!patch.TryGetProperty(property.Name, out _))
            {
                property.WriteTo(writer);
            }
        }

        foreach (var property in patch.EnumerateObject())
        {
            if (property.Value.ValueKind is JsonValueKind.Null)
            {
                continue;
            }

            writer.WritePropertyName(property.Name);
            var old = before is { } from && from.TryGetProperty(property.Name, out var found) ? found : (JsonElement?)null;
            Write(writer, old, property.Value);
        }

        writer.WriteEndObject();
    }
}
