using System.Text;

namespace Backend.Rules.Compiled;

/// <summary>
/// What an operand stands for while a record is checked. Lives on the stack; texts stay where they are, as UTF-8 in the
/// record or as strings of the request.
/// </summary>
internal readonly ref struct Value
{
    private const int ScratchBytes = 256;

    private Value(RuleType type) => Type = type;

    public static Value Null => default;

    public RuleType Type { get; }

    public double Number { get; private init; }

    /// <summary>A boolean as 1 or 0; a timestamp as <see cref="Instant"/> packs it.</summary>
    public long Whole { get; private init; }

    /// <summary>A text in UTF-8, or a set as a JSON array.</summary>
    public ReadOnlySpan<byte> Utf8 { get; private init; }

    /// <summary>A text as a string, where it came as one.</summary>
    public string? Text { get; private init; }

    /// <summary>A set of the request.</summary>
    public IReadOnlyList<string>? Items { get; private init; }

    public bool IsNull => Type is RuleType.Null;

    public static Value OfText(ReadOnlySpan<byte> utf8, string? text = null) => new(RuleType.Text) { Utf8 = utf8, Text = text };

    public static Value OfText(string? text) => text is null ? Null : new Value(RuleType.Text) { Text = text };

    /// <summary>Arithmetic without a result is null.</summary>
    public static Value OfNumber(double number) => double.IsNaN(number) ? Null : new Value(RuleType.Number) { Number = number };

    public static Value OfBoolean(bool value) => new(RuleType.Boolean) { Whole = value ? 1 : 0 };

    public static Value OfInstant(long digits) => new(RuleType.Timestamp) { Whole = digits };

    public static Value OfSet(ReadOnlySpan<byte> jsonArray) => new(RuleType.Set) { Utf8 = jsonArray };

    public static Value OfSet(IReadOnlyList<string> items) => new(RuleType.Set) { Items = items };

    public static bool TextEquals(in Value left, in Value right)
    {
        if (left.Text is { } a && right.Text is { } b)
        {
            return string.Equals(a, b, StringComparison.Ordinal);
        }

        return left.IsUtf8 && right.IsUtf8 ? left.Utf8.SequenceEqual(right.Utf8) : Transcoded(left, right) == 0;
    }

    /// <summary>
    /// Negative, 0 or positive. Texts order by code point, which is the order of their UTF-8 bytes and that of
    /// SQLite; UTF-16 would put emoji before some other characters.
    /// </summary>
    public static int Order(in Value left, in Value right)
    {
        if (left.Type is RuleType.Number)
        {
            return left.Number.CompareTo(right.Number);
        }

        return left.Type is not RuleType.Text ? left.Whole.CompareTo(right.Whole)
            : left.IsUtf8 && right.IsUtf8 ? left.Utf8.SequenceCompareTo(right.Utf8)
            : Transcoded(left, right);
    }

    /// <summary>The text as UTF-8; only a long text that came as a string is copied to the heap.</summary>
    public ReadOnlySpan<byte> ToUtf8(Span<byte> scratch)
    {
        if (IsUtf8)
        {
            return Utf8;
        }

        var text = ToText();
        if (text.Length * 3 > scratch.Length)
        {
            return Encoding.UTF8.GetBytes(text);
        }

        System.Text.Unicode.Utf8.FromUtf16(text, scratch, out _, out var written);
        return scratch[..written];
    }

    private bool IsUtf8 => Text is null || !Utf8.IsEmpty;

    /// <summary>On its own, so that only this comparison pays for clearing the scratch.</summary>
    private static int Transcoded(in Value left, in Value right)
    {
        Span<byte> leftScratch = stackalloc byte[ScratchBytes];
        Span<byte> rightScratch = stackalloc byte[ScratchBytes];
        return left.ToUtf8(leftScratch).SequenceCompareTo(right.ToUtf8(rightScratch));
    }

    /// <summary>The text as a string, for parameters and explanations.</summary>
    public string ToText() => Text ?? Encoding.UTF8.GetString(Utf8);
}
