using System.Buffers;
using System.Globalization;
using System.Text.Json;

namespace Backend.Sync.Pull;

/// <summary>
/// One text for equal JSON values: the JSON Canonicalization Scheme, RFC 8785. Members are sorted by their UTF-16 code
/// units, numbers are written as ECMAScript does, and only what JSON demands is escaped.
/// </summary>
internal static class CanonicalJson
{
    public static ReadOnlySpan<byte> Of(ReadOnlyMemory<byte> json)
    {
        using var document = JsonDocument.Parse(json);
        var output = new ArrayBufferWriter<byte>(json.Length);
        Write(output, document.RootElement);
        return output.WrittenSpan;
    }

    private static void Write(IBufferWriter<byte> output, JsonElement value)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                var separator = "{"u8;
                foreach (var member in value.EnumerateObject().OrderBy(member => member.Name, StringComparer.Ordinal))
                {
                    output.Write(separator);
                    WriteString(output, member.Name);
                    output.Write(":"u8);
                    Write(output, member.Value);
                    separator = ","u8;
                }

                output.Write(separator[0] == (byte)'{' ? "{}"u8 : "}"u8);
                break;
            case JsonValueKind.Array:
                output.Write("["u8);
                foreach (var (i, item) in value.EnumerateArray().Index())
                {
                    output.Write(i == 0 ? ""u8 : ","u8);
                    Write(output, item);
                }

                output.Write("]"u8);
                break;
            case JsonValueKind.String:
                WriteString(output, value.GetString() ?? "");
                break;
            case JsonValueKind.Number:
                WriteAscii(output, NumberOf(value.GetDouble()));
                break;
            default:
                WriteAscii(output, value.GetRawText());
                break;
        }
    }

    /// <summary>ECMA-262, section 6.1.6.1.20, Number::toString: the shortest digits, without an exponent from 1e-6 to below 1e21.</summary>
    private static string NumberOf(double number)
    {
        if (number == 0)
        {
            return "0"; // also for minus zero
        }

        // The shortest digits that read back as the number, plain or as d.ddE+xx; taken apart and put together anew.
        var shortest = Math.Abs(number).ToString("R", CultureInfo.InvariantCulture);
        var digits = new string([.. shortest.Split('E')[0].Where(char.IsAsciiDigit)]).TrimStart('0').TrimEnd('0');
        var point = ExponentOf(shortest) + 1; // the number is 0.digits × 10^point
        var sign = number < 0 ? "-" : "";
        return sign + point switch
        {
            > 0 and <= 21 when digits.Length <= point => digits.PadRight(point, '0'),
            > 0 and <= 21 => $"{digits[..point]}.{digits[point..]}",
            > -6 and <= 0 => $"0.{new string('0', -point)}{digits}",
            _ => $"{digits[0]}{(digits.Length > 1 ? "." : "")}{digits[1..]}e{(point > 0 ? "+" : "-")}{Math.Abs(point - 1)}",
        };
    }

    /// <summary>The decimal exponent of a number's text, as if it were written d.ddd × 10^n.</summary>
    private static int ExponentOf(string text) =>
        text.Split('E') is [_, var exponent] ? int.Parse(exponent, CultureInfo.InvariantCulture)
        : text.Split('.') is [not "0" and var whole, ..] ? whole.Length - 1
        : -1 - text[2..].TakeWhile(digit => digit == '0').Count();

    private static void WriteString(IBufferWriter<byte> output, string text)
    {
        output.Write("\""u8);
        foreach (var rune in text.EnumerateRunes())
        {
            switch (rune.Value)
            {
                case '"': output.Write("\\\""u8); break;
                case '\\': output.Write("\\\\"u8); break;
                case '\b': output.Write("\\b"u8); break;
                case '\f': output.Write("\\f"u8); break;
                case '\n': output.Write("\\n"u8); break;
                case '\r': output.Write("\\r"u8); break;
                case '\t': output.Write("\\t"u8); break;
                case < ' ': WriteAscii(output, $"\\u{rune.Value:x4}"); break;
                default: output.Advance(rune.EncodeToUtf8(output.GetSpan(4))); break;
            }
        }

        output.Write("\""u8);
    }

    private static void WriteAscii(IBufferWriter<byte> output, string text) =>
        output.Advance(System.Text.Encoding.ASCII.GetBytes(text, output.GetSpan(text.Length)));
}
