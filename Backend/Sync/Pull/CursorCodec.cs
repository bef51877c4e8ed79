using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;
using Backend.Records;
using Backend.Security;

namespace Backend.Sync.Pull;

/// <summary>
/// Turns a store's position into the opaque cursor that clients keep, signed for its scope: a cursor that was changed,
/// or that belongs to another scope, is refused instead of skipping records.
/// </summary>
internal sealed class CursorCodec(Signer signer)
{
    private const string First = "first";
    private const string Next = "next";
    private const string Skipped = "+";

    public string Encode(Scope scope, SyncCursor cursor)
    {
        var text = string.Create(
            CultureInfo.InvariantCulture,
            $"{cursor.SeenAt.ToUnixTimeSeconds()} {cursor.Days} {cursor.Model}{(cursor.HasSkipped ? Skipped : "")} {cursor.View} {(cursor.IsFirst ? First : Next)}\n{cursor.Position}");
        return $"{Base64Url.EncodeToString(Encoding.UTF8.GetBytes(text))}.{signer.Sign(Purpose(scope), text)}";
    }

    public bool TryDecode(Scope scope, string cursor, [NotNullWhen(true)] out SyncCursor? decoded)
    {
        decoded = null;
        if (cursor.Split('.') is not [var payload, var signature] || !Base64Url.IsValid(payload))
        {
            return false;
        }

        var text = Encoding.UTF8.GetString(Base64Url.DecodeFromChars(payload));
        if (signer.Verify(Purpose(scope), text, signature)
            && text.Split('\n', 2) is [var head, var position]
            && head.Split(' ') is [var seenAt, var days, var model, var view, (First or Next) and var kind]
            && long.TryParse(seenAt, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)
            && int.TryParse(days, NumberStyles.None, CultureInfo.InvariantCulture, out var validDays)
            && int.TryParse(model.TrimEnd(Skipped[0]), NumberStyles.None, CultureInfo.InvariantCulture, out var version))
        {
            decoded = new SyncCursor(position, DateTimeOffset.FromUnixTimeSeconds(seconds), validDays, version, view, kind == First, model.EndsWith(Skipped, StringComparison.Ordinal));
        }

        return decoded is not null;
    }

    /// <summary>A scope has no control characters, so it cannot forge the line feed that ends a purpose.</summary>
    private static string Purpose(Scope scope) => $"sync-cursor:{scope}";
}
