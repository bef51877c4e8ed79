using System.Buffers;
using System.Text.Json;

namespace Backend.Records;

/// <summary>Takes the text of a record's fields apart and puts it together, without making objects of it.</summary>
internal static class FieldBytes
{
    /// <summary>Parts an object's members into those with the names and the rest.</summary>
    /// <returns>The others; and the members that were taken out as an object, null when there are none.</returns>
    public static (ReadOnlyMemory<byte> Others, ReadOnlyMemory<byte>? Taken) TakeOut(ReadOnlyMemory<byte> fields, byte[][] names)
    {
        if (!HasAny(fields.Span, names))
        {
            return (fields, null);
        }

        var (rest, taken) = (new ArrayBufferWriter<byte>(fields.Length), new ArrayBufferWriter<byte>(256));
        var reader = new Utf8JsonReader(fields.Span);
        reader.Read();
        while (reader.Read() && reader.TokenType is JsonTokenType.PropertyName)
        {
            var start = (int)reader.TokenStartIndex;
            var output = IsOneOf(ref reader, names) ? taken : rest;
            reader.Skip();
            output.Write(output.WrittenCount == 0 ? "{"u8 : ","u8);
            output.Write(fields.Span[start..(int)reader.BytesConsumed]);
        }

        rest.Write(rest.WrittenCount == 0 ? "{}"u8 : "}"u8);
        taken.Write("}"u8);
        return (rest.WrittenMemory, taken.WrittenMemory);
    }

    /// <summary>One object with the members of both.</summary>
    public static ReadOnlyMemory<byte> Join(ReadOnlySpan<byte> first, ReadOnlySpan<byte> second)
    {
        if (first is [(byte)'{', (byte)'}'])
        {
            return second.ToArray();
        }

        byte[] joined = [.. first[..^1], (byte)',', .. second[1..]];
        return joined;
    }

    private static bool HasAny(ReadOnlySpan<byte> fields, byte[][] names)
    {
        var reader = new Utf8JsonReader(fields);
        reader.Read();
        while (reader.Read() && reader.TokenType is JsonTokenType.PropertyName)
        {
            if (IsOneOf(ref reader, names))
            {
                return true;
            }

            reader.Skip();
        }

        return false;
    }

    private static bool IsOneOf(ref Utf8JsonReader reader, byte[][] names)
    {
        foreach (var name in names)
        {
            if (reader.ValueTextEquals(name))
            {
                return true;
            }
        }

        return false;
    }
}
