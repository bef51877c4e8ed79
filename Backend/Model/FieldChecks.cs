using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.RegularExpressions;
using Backend.Records;

namespace Backend.Model;

/// <summary>What is wrong with one value.</summary>
/// <param name="Code">Stable, for programs.</param>
/// <param name="Message">For the developer who sent it.</param>
internal sealed record FieldProblem(string Code, string Message);

/// <summary>Checks one value against its field. Every write path comes through here. Null is checked by the caller.</summary>
internal static class FieldChecks
{
    /// <summary>The longest string of a field that sets no other limit, in characters.</summary>
    public const int DefaultMaxLength = 10_000;

    /// <summary>The most elements of a set that sets no other limit.</summary>
    public const int DefaultMaxItems = 1_000;

    /// <summary>The largest json value of a field that sets no other limit, in bytes of UTF-8.</summary>
    public const int DefaultMaxJsonBytes = 100_000;

    /// <summary>
    /// The largest magnitude of a whole number, 2^53 - 1: beyond it JavaScript clients and Cosmos DB round (RFC 8259,
    /// section 6).
    /// </summary>
    public const long MaxInteger = (1L << 53) - 1;

    private static readonly string[] TimestampFormats =
    [
        "yyyy-MM-dd'T'HH:mm:ssK",
        "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK",
    ];

    public static FieldProblem? Find(FieldModel field, JsonElement value) => field.Type switch
    {
        FieldType.String => CheckString(field, value),
        FieldType.Integer or FieldType.Counter => CheckInteger(field, value),
        FieldType.Number => CheckNumber(field, value),
        FieldType.Boolean => value.ValueKind is JsonValueKind.True or JsonValueKind.False
            ? null
            : WrongType("true or false"),
        FieldType.Timestamp => TryReadTimestamp(value, out _)
            ? null
            : WrongType("an RFC 3339 timestamp with its offset, for example 2026-05-17T08:30:00Z"),
        FieldType.Json => CheckJson(field, value),
        FieldType.Reference or FieldType.Media =>
            value.ValueKind is JsonValueKind.String && RecordId.TryParse(value.GetString(), out _)
                ? null
                : WrongType("the id of a record"),
        FieldType.Set => CheckSet(field, value),
        _ => throw new ArgumentOutOfRangeException(nameof(field)),
    };

    /// <summary>Reads an RFC 3339 timestamp; one without an offset is refused, since it names no instant.</summary>
    public static bool TryReadTimestamp(JsonElement value, out DateTimeOffset instant)
    {
        instant = default;
        return value.ValueKind is JsonValueKind.String
            && ((IsUsualTimestamp(JsonMarshal.GetRawUtf8Value(value)) && value.TryGetDateTimeOffset(out instant))
                || TryReadTimestamp(value.GetString(), out instant));
    }

    /// <summary>
    /// Whether a text, in its quotes, is written as most are, in UTC with seconds and up to three digits behind them: JSON's own parser
    /// takes more forms than are allowed here, but does not interpret a format each time.
    /// </summary>
    private static bool IsUsualTimestamp(ReadOnlySpan<byte> quoted) =>
        quoted.Length is >= 22 and <= 26 && quoted[11] is (byte)'T' && quoted[17] is (byte)':' && quoted[^2] is (byte)'Z';

    /// <inheritdoc cref="TryReadTimestamp(JsonElement, out DateTimeOffset)"/>
    public static bool TryReadTimestamp(string? text, out DateTimeOffset instant)
    {
        instant = default;
        return text is { Length: > 19 }
            && (text[^1] is 'Z' or 'z' || text[19..].AsSpan().ContainsAny('+', '-'))
            && DateTimeOffset.TryParseExact(
                text.AsSpan().ContainsAny('t', 'z') ? text.ToUpperInvariant() : text, TimestampFormats, CultureInfo.InvariantCulture,
                DateTimeStyles.AdjustToUniversal, out instant);
    }

    private static FieldProblem? CheckString(FieldModel field, JsonElement value)
    {
        if (value.ValueKind is not JsonValueKind.String)
        {
            return WrongType("a string");
        }

        var max = field.MaxLength ?? DefaultMaxLength;
        if (field is { Enum: null, Pattern: null } && JsonMarshal.GetRawUtf8Value(value).Length <= max)
        {
            return null; // it has no more characters than bytes, and need not be made to be counted
        }

        var text = value.GetString() ?? "";
        if (text.Length > max)
        {
            return new FieldProblem("too_long", $"The text has {text.Length} characters; at most {max} are allowed.");
        }

        if (field.Enum is { } choices && !choices.Contains(text, StringComparer.Ordinal))
        {
            return new FieldProblem("not_in_enum", $"The value is none of {string.Join(", ", choices)}.");
        }

        return field.Pattern is { } pattern && !Matches(pattern, text)
            ? new FieldProblem("pattern_mismatch", $"The value does not match the pattern {pattern}.")
            : null;
    }

    /// <summary>$ means the end, as it does for the clients that check the same pattern; not before a last line feed, too.</summary>
    private static bool Matches(Regex pattern, string text) =>
        pattern.IsMatch(text) && !(text.EndsWith('\n') && pattern.ToString().EndsWith('$'));

    private static FieldProblem? CheckInteger(FieldModel field, JsonElement value) =>
        value.ValueKind is not JsonValueKind.Number || !value.TryGetInt64(out var number) ? WrongType("a whole number")
        : number < -MaxInteger ? new FieldProblem("too_small", $"The value is less than {-MaxInteger}.")
        : number > MaxInteger ? new FieldProblem("too_large", $"The value is more than {MaxInteger}.")
        : CheckRange(field, number);

    private static FieldProblem? CheckNumber(FieldModel field, JsonElement value)
    {
        if (value.ValueKind is not JsonValueKind.Number || !value.TryGetDouble(out var number) || !double.IsFinite(number))
        {
            return WrongType("a number");
        }

        // Outside decimal's range only the sign matters, since min and max are decimals.
        return CheckRange(field, value.TryGetDecimal(out var exact) ? exact : number < 0 ? decimal.MinValue : decimal.MaxValue);
    }

    private static FieldProblem? CheckRange(FieldModel field, decimal number)
    {
        if (number < field.Min)
        {
            return new FieldProblem("too_small", $"The value is less than {field.Min}.");
        }

        return number > field.Max ? new FieldProblem("too_large", $"The value is more than {field.Max}.") : null;
    }

    private static FieldProblem? CheckJson(FieldModel field, JsonElement value)
    {
        var max = field.MaxLength ?? DefaultMaxJsonBytes;
        var size = System.Text.Encoding.UTF8.GetByteCount(value.GetRawText());
        return size > max ? new FieldProblem("too_long", $"The value has {size} bytes; at most {max} are allowed.")
            : FindInfinite(value) is { } number ? new FieldProblem("too_large", $"The number {number} is beyond what a double holds.")
            : null;
    }

    /// <summary>
    /// A number that becomes infinite where it is read as a double (RFC 8259, section 6), as JavaScript does: it has no
    /// canonical form (RFC 8785, section 3.2.2.3), and so no checksum on which servers and clients agree.
    /// </summary>
    private static string? FindInfinite(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Number => value.TryGetDouble(out var number) && double.IsFinite(number) ? null : Shorten(value.GetRawText()),
        JsonValueKind.Array => value.EnumerateArray().Select(FindInfinite).FirstOrDefault(static found => found is not null),
        JsonValueKind.Object => value.EnumerateObject().Select(static member => FindInfinite(member.Value))
            .FirstOrDefault(static found => found is not null),
        _ => null,
    };

    private static string Shorten(string number) => number.Length <= 40 ? number : $"{number[..40]}…";

    private static FieldProblem? CheckSet(FieldModel field, JsonElement value)
    {
        if (value.ValueKind is not JsonValueKind.Array)
        {
            return WrongType("an array of strings");
        }

        var max = field.MaxItems ?? DefaultMaxItems;
        if (value.GetArrayLength() > max)
        {
            return new FieldProblem("too_many", $"The set has {value.GetArrayLength()} elements; at most {max} are allowed.");
        }

        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var element in value.EnumerateArray())
        {
            if (CheckString(field, element) is { } problem)
            {
                return problem with { Message = $"In an element: {problem.Message}" };
            }

            if (!seen.Add(element.GetString() ?? ""))
            {
                return new FieldProblem("duplicate", "A set holds an element only once.");
            }
        }

        return null;
    }

    private static FieldProblem WrongType(string expected) => new("wrong_type", $"Expected {expected}.");
}
