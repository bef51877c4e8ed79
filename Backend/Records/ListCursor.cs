using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;
using Backend.Security;

namespace Backend.Records;

/// <summary>
/// Where the next page of a list starts: the last id, signed together with the query, so that a cursor that was changed,
/// or is sent with another query, is refused instead of yielding a page of something else.
/// </summary>
internal sealed class ListCursor(Signer signer)
{
    public string Encode(RecordQuery query, RecordId last) => $"{last}.{signer.Sign(Purpose(query), last.Value)}";

    public bool TryDecode(RecordQuery query, string cursor, [NotNullWhen(true)] out RecordId? last)
    {
        last = cursor.Split('.') is [var id, var signature]
            && RecordId.TryParse(id, out var parsed)
            && signer.Verify(Purpose(query), id, signature)
            ? parsed
            : null;
        return last is not null;
    }

    /// <summary>A hash, since a filter may contain anything and a purpose no line feed.</summary>
    private static string Purpose(RecordQuery query)
    {
        var text = $"{query.Collection}\n{query.Scope}\n{query.Descending}\n{query.Filter}";
        return $"list-cursor:{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)))}";
    }
}
