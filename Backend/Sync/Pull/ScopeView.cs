using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Backend.Records;

namespace Backend.Sync.Pull;

/// <summary>
/// Names what a caller sees of a scope beside what the records themselves decide: the roles of the caller, there and in
/// general, and the collections that were asked for. When it changes, records come or go without any of them being
/// written, and no feed of changes would tell.
/// </summary>
internal static class ScopeView
{
    private const int Length = 12;

    public static string Of(ScopeAccess entered, IReadOnlySet<string>? collections)
    {
        var text = new StringBuilder(entered.Context.SpaceRole).Append('\n');
        text.AppendJoin(' ', entered.Caller.Roles.Order(StringComparer.Ordinal)).Append('\n');
        text.AppendJoin(' ', collections?.Order(StringComparer.Ordinal) ?? Enumerable.Repeat("*", 1));
        return Base64Url.EncodeToString(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())))[..Length];
    }
}
