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
    /// <param name="scope">The scope.</param>
    /// <param name="position">Where its next page starts.</param>
    /// <param name="role">The role, within a space, for which everything before was read; null outside spaces.</param>
    public string Encode(Scope scope, string position, string? role)
    {
        var text = role is null ? position : $"{role}\n{position}";
        return $"{Base64Url.EncodeToString(Encoding.UTF8.GetBytes(text))}.{signer.Sign(Purpose(scope), text)}";
    }

    public bool TryDecode(Scope scope, string cursor, [NotNullWhen(true)] out string? position, out string? role)
    {
        (position, role) = (null, null);
        if (cursor.Split('.') is not [var payload, var signature] || !Base64Url.IsValid(payload))
        {
            return false;
        }

        var text = Encoding.UTF8.GetString(Base64Url.DecodeFromChars(payload));
        if (!signer.Verify(Purpose(scope), text, signature))
        {
            return false;
        }

        (role, position) = scope.Kind is ScopeKind.Space && text.Split('\n', 2) is [var first, var rest] ? (first, rest) : (null, text);
        return true;
    }

    /// <summary>A scope has no control characters, so it cannot forge the line feed that ends a purpose.</summary>
    private static string Purpose(Scope scope) => $"sync-cursor:{scope}";
}
