using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace SyncClient;

/// <summary>The checksums of a copy, to compare with the server's.</summary>
public static class Checksum
{
    /// <returns>For each collection that has records, in order: how many, and the sum of their hashes.</returns>
    public static IEnumerable<(string Collection, int Count, string Hash)> Of(IEnumerable<JsonObject> records) => records
        .GroupBy(record => (string)record["collection"]!, StringComparer.Ordinal)
        .OrderBy(group => group.Key, StringComparer.Ordinal)
        .Select(group => (
            group.Key,
            group.Count(),
            group.Aggregate(UInt128.Zero, static (sum, record) => unchecked(sum + HashOf(record))).ToString("x32", CultureInfo.InvariantCulture)));

    private static UInt128 HashOf(JsonObject record)
    {
        var text = new StringBuilder();
        Write(text, record);
        return BinaryPrimitives.ReadUInt128BigEndian(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())));
    }

    /// <summary>Canonical JSON, RFC 8785.</summary>
    private static void Write(StringBuilder text, JsonNode? value)
    {
        switch (value)
        {
            case null:
                text.Append("null");
                break;
            case JsonObject members:
                text.Append('{');
                foreach (var (i, (name, member)) in members.OrderBy(member => member.Key, StringComparer.Ordinal).Index())
                {
                    WriteString(text.Append(i == 0 ? "" : ","), name);
                    Write(text.Append(':'), member);
                }

                text.Append('}');
                break;
            case JsonArray items:
                text.Append('[');
                foreach (var (i, item) in items.Index())
                {
                    Write(text.Append(i == 0 ? "" : ","), item);
                }

                text.Append(']');
                break;
            default:
                WriteValue(text, value.AsValue());
                break;
        }
    }

    private static void WriteValue(StringBuilder text, JsonValue value)
    {
        if (value.TryGetValue<string>(out var characters))
        {
            WriteString(text, characters);
        }
        else if (value.TryGetValue<bool>(out var flag))
        {
            text.Append(flag ? "true" : "false");
        }
        else
        {
            text.Append(Number(value.GetValue<double>()));
        }
    }

    /// <summary>As ECMAScript writes it: the shortest digits, plain from 1e-6 to below 1e21, else with an exponent.</summary>
    private static string Number(double number)
    {
        var text = number.ToString("R", CultureInfo.InvariantCulture);
        if (text.Split('E') is not [var mantissa, var power])
        {
            return number == 0 ? "0" : text; // .NET writes it as ECMAScript does
        }

        var exponent = int.Parse(power, CultureInfo.InvariantCulture);
        var sign = number < 0 ? "-" : "";
        var digits = mantissa.TrimStart('-').Replace(".", "", StringComparison.Ordinal);
        return exponent switch
        {
            >= 21 or < -6 => $"{mantissa}e{(exponent > 0 ? "+" : "-")}{Math.Abs(exponent)}",
            < 0 => $"{sign}0.{new string('0', -exponent - 1)}{digits}",
            _ when digits.Length > exponent + 1 => $"{sign}{digits[..(exponent + 1)]}.{digits[(exponent + 1)..]}",
            _ => sign + digits.PadRight(exponent + 1, '0'),
        };
    }

    private static void WriteString(StringBuilder text, string value)
    {
        text.Append('"');
        foreach (var character in value)
        {
            _ = character switch
            {
                '"' => text.Append("\\\""),
                '\\' => text.Append("\\\\"),
                '\b' => text.Append("\\b"),
                '\f' => text.Append("\\f"),
                '\n' => text.Append("\\n"),
                '\r' => text.Append("\\r"),
                '\t' => text.Append("\\t"),
                < ' ' => text.Append(CultureInfo.InvariantCulture, $"\\u{(int)character:x4}"),
                _ => text.Append(character),
            };
        }

        text.Append('"');
    }
}
