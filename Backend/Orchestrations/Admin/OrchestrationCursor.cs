using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;
using Backend.Security;

namespace Backend.Orchestrations.Admin;

/// <summary>
/// Where the next page of a list of instances starts, in the engine's words, signed together with the query: a cursor that
/// was changed, or is sent with another query, is refused.
/// </summary>
internal sealed class OrchestrationCursor(Signer signer)
{
    public const int DefaultLimit = 50;
    public const int MaxLimit = 200;

    public string Encode(OrchestrationQuery query, string position) =>
        $"{Base64Url.EncodeToString(Encoding.UTF8.GetBytes(position))}.{signer.Sign(Purpose(query), position)}";

    public bool TryDecode(OrchestrationQuery query, string cursor, [NotNullWhen(true)] out string? position)
    {
        position = null;
        if (cursor.Split('.') is not [var payload, var signature] || !Base64Url.IsValid(payload))
        {
            return false;
        }

        var text = Encoding.UTF8.GetString(Base64Url.DecodeFromChars(payload));
        position = signer.Verify(Purpose(query), text, signature) ? text : null;
        return position is not null;
    }

    /// <summary>A hash, since a name may contain anything and a purpose no line feed. Pages may differ in size.</summary>
    private static string Purpose(OrchestrationQuery query)
    {
        var text = $"{query.State}\n{query.CreatedFrom:O}\n{query.CreatedBefore:O}\n{query.Name}";
        return $"orchestration-cursor:{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)))}";
    }
}
