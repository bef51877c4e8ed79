using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;

namespace Backend.Records;

/// <summary>
/// A record's id, unique within its scope and collection: 1 to 64 letters, digits, <c>-</c> and <c>_</c>. Issued by
/// the server as a UUID version 7, or chosen by the client (a UUID, ULID or nano id fits).
/// </summary>
public readonly record struct RecordId
{
    public const int MaxLength = 64;

    /// <summary>What an id must be, for those who send one that is not.</summary>
    internal static readonly string Requirement = $"An id has 1 to {MaxLength} letters, digits, hyphens and underscores.";

    private static readonly SearchValues<char> Allowed =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_");

    private const int CounterBits = 12;

    /// <summary>Milliseconds and counter of the id made last.</summary>
    private static long s_last;

    private readonly string? _value;

    private RecordId(string value) => _value = value;

    public string Value => _value ?? throw new InvalidOperationException("A default RecordId names nothing.");

    /// <summary>
    /// A new id, greater than every one that this process made before: a UUID version 7 whose 12 bits behind the
    /// milliseconds count (RFC 9562, section 6.2, method 1) and run over into the next millisecond.
    /// </summary>
    public static RecordId New(DateTimeOffset now)
    {
        var floor = now.ToUnixTimeMilliseconds() << CounterBits;
        long last;
        long next;
        do
        {
            last = Volatile.Read(ref s_last);
            next = Math.Max(floor, last + 1);
        }
        while (Interlocked.CompareExchange(ref s_last, next, last) != last);

        Span<byte> random = stackalloc byte[8];
        RandomNumberGenerator.Fill(random);
        var milliseconds = next >> CounterBits;
        var counter = next & ((1 << CounterBits) - 1);
        return new RecordId(new Guid(
            (uint)(milliseconds >> 16), (ushort)milliseconds, (ushort)(0x7000 | counter),
            (byte)(0x80 | (random[0] & 0x3F)), random[1], random[2], random[3], random[4], random[5], random[6], random[7]).ToString());
    }

    public static bool TryParse([NotNullWhen(true)] string? text, out RecordId id)
    {
        var valid = text is { Length: >= 1 and <= MaxLength } && !text.AsSpan().ContainsAnyExcept(Allowed);
        id = valid ? new RecordId(text!) : default; // not null: checked by the pattern above
        return valid;
    }

    public override string ToString() => Value;
}
