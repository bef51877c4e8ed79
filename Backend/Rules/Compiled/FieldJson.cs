using System.Globalization;
using System.Text.Json;

namespace Backend.Rules.Compiled;

/// <summary>Reads the JSON text of a field's value as what the model says it is; anything else is null.</summary>
internal static class FieldJson
{
    /// <summary>The text of a member, for a place in a json field; empty when there is none.</summary>
    public static ReadOnlySpan<byte> Member(ReadOnlySpan<byte> json, ReadOnlySpan<byte> name)
    {
        if (json is not [(byte)'{', ..])
        {
            return default;
        }

        var reader = new Utf8JsonReader(json);
        reader.Read();
        while (reader.Read() && reader.TokenType is JsonTokenType.PropertyName)
        {
            var found = reader.ValueTextEquals(name);
            reader.Read();
            var start = (int)reader.TokenStartIndex;
            reader.Skip();
            if (found)
            {
                return json[start..(int)reader.BytesConsumed];
            }
        }

        return default;
    }

    public static Value Read(ReadOnlySpan<byte> json, RuleType type)
    {
        if (json.IsEmpty)
        {
            return Value.Null;
        }

        switch (type)
        {
            case RuleType.Text when json[0] is (byte)'"':
                return Value.OfText(Unescape(json));
            case RuleType.Number when json[0] is (byte)'-' or (>= (byte)'0' and <= (byte)'9'):
                return double.TryParse(json, NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
                    ? Value.OfNumber(number)
                    : Value.Null;
            case RuleType.Boolean when json[0] is (byte)'t' or (byte)'f':
                return Value.OfBoolean(json[0] is (byte)'t');
            case RuleType.Timestamp when json[0] is (byte)'"' && Instant.TryRead(json[1..^1], out var digits):
                return Value.OfInstant(digits);
            case RuleType.Set when json[0] is (byte)'[':
                return Value.OfSet(json);
            default:
                return Value.Null;
        }
    }

    public static bool IsNull(ReadOnlySpan<byte> json) => json.IsEmpty || json[0] is (byte)'n';

    public static bool ArrayContains(ReadOnlySpan<byte> array, in Value text)
    {
        Span<byte> scratch = stackalloc byte[256];
        var wanted = text.ToUtf8(scratch);
        var reader = new Utf8JsonReader(array);
        reader.Read();
        while (reader.Read() && reader.TokenType is not JsonTokenType.EndArray)
        {
            if (reader.TokenType is JsonTokenType.String && reader.ValueTextEquals(wanted))
            {
                return true;
            }

            reader.Skip();
        }

        return false;
    }

    public static int ArrayLength(ReadOnlySpan<byte> array)
    {
        var count = 0;
        var reader = new Utf8JsonReader(array);
        reader.Read();
        while (reader.Read() && reader.TokenType is not JsonTokenType.EndArray)
        {
            reader.Skip();
            count++;
        }

        return count;
    }

    private static ReadOnlySpan<byte> Unescape(ReadOnlySpan<byte> json)
    {
        var inner = json[1..^1];
        if (!inner.Contains((byte)'\\'))
        {
            return inner;
        }

        // Line ends and quotes: texts that people wrote, seldom those that rules ask for.
        var reader = new Utf8JsonReader(json);
        reader.Read();
        var text = new byte[inner.Length];
        try
        {
            return text.AsSpan(0, reader.CopyString(text));
        }
        catch (InvalidOperationException)
        {
            // Half of a surrogate pair, which is no text. 0xFF is in no UTF-8, so that this equals nothing.
            return new byte[] { 0xFF };
        }
    }
}
