using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Functions.Tests.Sync;

/// <summary>Section "Checksums" of docs/sync-protocol.md, as somebody would write it who has read nothing else.</summary>
internal static class PageClientChecksum
{
    public static string Of(IEnumerable<JsonNode> records) => records
        .Select(record => BinaryPrimitives.ReadUInt128BigEndian(SHA256.HashData(Encoding.UTF8.GetBytes(Canonical(record)))))
        .Aggregate(UInt128.Zero, (sum, hash) => unchecked(sum + hash))
        .ToString("x32", CultureInfo.InvariantCulture);

    public static string Canonical(JsonNode? value) => value switch
    {
        null => "null",
        JsonObject members => "{" + string.Join(',', members.OrderBy(member => member.Key, StringComparer.Ordinal)
            .Select(member => $"{Quote(member.Key)}:{Canonical(member.Value)}")) + "}",
        JsonArray items => $"[{string.Join(',', items.Select(Canonical))}]",
        _ => value.GetValueKind() switch
        {
            JsonValueKind.String => Quote(value.GetValue<string>()),
            JsonValueKind.Number => Number(value.GetValue<double>()),
            var kind => kind is JsonValueKind.True ? "true" : "false",
        },
    };

    private static string Quote(string text) => '"' + string.Concat(text.Select(character => character switch
    {
        '"' => "\\\"",
        '\\' => "\\\\",
        '\b' => "\\b",
        '\t' => "\\t",
        '\n' => "\\n",
        '\f' => "\\f",
        '\r' => "\\r",
        < ' ' => $"\\u{(int)character:x4}",
        _ => character.ToString(),
    })) + '"';

    /// <summary>The shortest digits that read back as the number; plain from 1e-6 to below 1e21.</summary>
    private static string Number(double number)
    {
        if (number == 0)
        {
            return "0";
        }

        var text = Enumerable.Range(0, 17)
            .Select(decimals => number.ToString($"E{decimals}", CultureInfo.InvariantCulture))
            .First(text => double.Parse(text, CultureInfo.InvariantCulture) == number);
        var digits = text.Split('E')[0].Replace(".", "", StringComparison.Ordinal).TrimStart('-');
        var exponent = int.Parse(text.Split('E')[1], CultureInfo.InvariantCulture);
        return (number < 0 ? "-" : "") + exponent switch
        {
            < -6 or >= 21 => $"{digits[0]}{(digits.Length > 1 ? "." : "")}{digits[1..]}e{(exponent < 0 ? "-" : "+")}{Math.Abs(exponent)}",
            < 0 => $"0.{new string('0', -exponent - 1)}{digits}",
            _ when digits.Length <= exponent + 1 => digits.PadRight(exponent + 1, '0'),
            _ => $"{digits[..(exponent + 1)]}.{digits[(exponent + 1)..]}",
        };
    }
}
