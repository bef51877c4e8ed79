using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using Backend.Security;

namespace Backend.Spaces;

/// <summary>
/// What is sent to the invited: the ids of space and invitation, signed. Whoever has it can use it, and nothing that
/// is stored or synced is enough to make it.
/// </summary>
internal sealed class InvitationTokens(Signer signer)
{
    private const string Purpose = "invitation";
    private const int GuidBytes = 16;

    /// <param name="space">A UUID, as the server makes them.</param>
    /// <param name="invitation">A UUID, as the server makes them.</param>
    /// <returns>87 characters that need no escaping in a URL.</returns>
    public string Create(string space, string invitation)
    {
        Span<byte> ids = stackalloc byte[2 * GuidBytes];
        Guid.Parse(space).TryWriteBytes(ids, bigEndian: true, out _);
        Guid.Parse(invitation).TryWriteBytes(ids[GuidBytes..], bigEndian: true, out _);
        var payload = Base64Url.EncodeToString(ids);
        return $"{payload}.{signer.Sign(Purpose, payload)}";
    }

    /// <summary>False for everything that this server did not sign.</summary>
    public bool TryRead(string token, [NotNullWhen(true)] out string? space, [NotNullWhen(true)] out string? invitation)
    {
        space = invitation = null;
        Span<byte> ids = stackalloc byte[2 * GuidBytes];
        if (token.Split('.') is not [var payload, var signature]
            || !signer.Verify(Purpose, payload, signature)
            || !Base64Url.TryDecodeFromChars(payload, ids, out var length)
            || length != ids.Length)
        {
            return false;
        }

        space = new Guid(ids[..GuidBytes], bigEndian: true).ToString();
        invitation = new Guid(ids[GuidBytes..], bigEndian: true).ToString();
        return true;
    }
}
