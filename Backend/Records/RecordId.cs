using System.Buffers;
using System.Diagnostics.CodeAnalysis;

namespace Backend.Records;

/// <summary>
/// A record's id, unique within its scope and collection: 1 to 64 letters, digits, <c>-</c> and <c>_</c>. Issued by
/// the server as a UUID version 7, or chosen by the client (a UUID, ULID or nano id fits).
/// </summary>
public readonly record struct RecordId
{
    public const int MaxLength = 64;

    private static readonly SearchValues<char> Allowed =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_");

    private readonly string? _value;

    private RecordId(string value) => _value = value;

    public string Value => _value ?? throw new InvalidOperationException("A default RecordId names nothing.");

    /// <summary>A new id whose order follows <paramref name="now"/> (RFC 9562, UUID version 7).</summary>
    public static RecordId New(DateTimeOffset now) => new(Guid.CreateVersion7(now).ToString());

    public static bool TryParse([NotNullWhen(true)] string? text, out RecordId id)
    {
        var valid = text is { Length: >= 1 and <= MaxLength } && !text.AsSpan().ContainsAnyExcept(Allowed);
        id = valid ? new RecordId(text!) : default; // not null: checked by the pattern above
        return valid;
    }

    public override string ToString() => Value;
}
