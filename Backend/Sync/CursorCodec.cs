using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using Backend.Records;
using Backend.Security;

namespace Backend.Sync;

/// <summary>
/// Turns a store's position into the opaque cursor that clients keep, signed for its scope: a cursor that was changed,
/// or that belongs to another scope, is refused instead of skipping records.
/// </summary>
internal sealed class CursorCodec(Signer signer)
{
    public string Encode(Scope scope, string position) =>
        $"{Base64Url.EncodeToString(Encoding.UTF8.GetBytes(position))}.{signer.Sign(Purpose(scope), position)}";

    public bool TryDecode(Scope scope, string cursor, [NotNullWhen(true)] out string? position)
    {
        position = null;
        if (cursor.Split('.') is not [var payload, var signature] || !Base64Url.IsValid(payload))
        {
            return false;
        }

        var text = Encoding.UTF8.GetString(Base64Url.DecodeFromChars(payload));
        position = signer.Verify(Purpose(scope), text, signature) ? text : null;
        return position is not null;
    }

    /// <summary>A scope has no control characters, so it cannot forge the line feed that ends a purpose.</summary>
    private static string Purpose(Scope scope) => $"sync-cursor:{scope}";
}
