using System.Buffers.Text;
using System.Globalization;
using System.Text.Json;
using Google.Protobuf;
using Wire = Backend.Sync.V1;

namespace Backend.Sync.Protobuf;

/// <summary>
/// Writes the JSON that is stored as values of docs/sync.proto, from bytes to bytes; numbers stay exactly as they are
/// written there.
/// </summary>
internal static class JsonToValues
{
    // A map on the wire is a list of messages with these two.
    private const int Key = 1;
    private const int Value = 2;

    /// <summary>More than any request may have.</summary>
    private static readonly JsonReaderOptions ReaderOptions = new() { MaxDepth = 1_000 };

    /// <summary>Writes an object's members as those of a map.</summary>
    public static void WriteMembers(MessageWriter writer, int field, ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json, ReaderOptions);
        reader.Read();
        WriteMembers(writer, field, ref reader);
    }

    private static void WriteMembers(MessageWriter writer, int field, ref Utf8JsonReader reader)
    {
        while (reader.Read() && reader.TokenType is JsonTokenType.PropertyName)
        {
            var member = writer.Begin(field);
            WriteText(writer, Key, ref reader);
            reader.Read();
            WriteValue(writer, Value, ref reader);
            writer.End(member);
        }
    }

    private static void WriteValue(MessageWriter writer, int field, ref Utf8JsonReader reader)
    {
        var value = writer.Begin(field);
        switch (reader.TokenType)
        {
            case JsonTokenType.String:
                WriteText(writer, Wire.Value.TextFieldNumber, ref reader);
                break;
            case JsonTokenType.Number:
                WriteNumber(writer, reader.ValueSpan);
                break;
            case JsonTokenType.True or JsonTokenType.False:
                writer.WriteTag(Wire.Value.BooleanFieldNumber, WireFormat.WireType.Varint);
                writer.WriteVarint(reader.TokenType is JsonTokenType.True ? 1u : 0);
                break;
            case JsonTokenType.StartArray:
                var list = writer.Begin(Wire.Value.ListFieldNumber);
                while (reader.Read() && reader.TokenType is not JsonTokenType.EndArray)
                {
                    WriteValue(writer, Wire.ListValue.ValuesFieldNumber, ref reader);
                }

                writer.End(list);
                break;
            case JsonTokenType.StartObject:
                var found = writer.Begin(Wire.Value.ObjectFieldNumber);
                WriteMembers(writer, Wire.ObjectValue.MembersFieldNumber, ref reader);
                writer.End(found);
                break;
            default:
                writer.WriteTag(Wire.Value.NullFieldNumber, WireFormat.WireType.Varint);
                writer.WriteVarint(0);
                break;
        }

        writer.End(value);
    }

    private static void WriteText(MessageWriter writer, int field, ref Utf8JsonReader reader)
    {
        if (!reader.ValueIsEscaped)
        {
            writer.WriteBytes(field, reader.ValueSpan);
            return;
        }

        var text = writer.Begin(field);
        var longest = reader.ValueSpan.Length; // an escape is never shorter than what it stands for
        writer.Return(longest - reader.CopyString(writer.Reserve(longest)));
        writer.End(text);
    }

    /// <summary>The smallest of the three kinds that gives the same text again.</summary>
    private static void WriteNumber(MessageWriter writer, ReadOnlySpan<byte> text)
    {
        Span<byte> again = stackalloc byte[32];
        if (Utf8Parser.TryParse(text, out long integer, out var consumed)
            && consumed == text.Length
            && integer.TryFormat(again, out var written, provider: CultureInfo.InvariantCulture)
            && text.SequenceEqual(again[..written]))
        {
            writer.WriteSigned(Wire.Value.IntegerFieldNumber, integer);
        }
        else if (Utf8Parser.TryParse(text, out double number, out consumed)
            && consumed == text.Length
            && number.TryFormat(again, out written, provider: CultureInfo.InvariantCulture)
            && text.SequenceEqual(again[..written]))
        {
            writer.WriteDouble(Wire.Value.NumberFieldNumber, number);
        }
        else
        {
            writer.WriteBytes(Wire.Value.DecimalFieldNumber, text);
        }
    }
}
