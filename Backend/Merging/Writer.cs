using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace Backend.Merging;

/// <summary>
/// Names whoever writes a record, within it. A client is one user's installation: two users who state the same client
/// are two writers, so that nobody can pass for somebody else's and have that one's mutations taken for known.
/// </summary>
internal static class Writer
{
    /// <summary>The data API, hooks, and whatever else writes without a queue of mutations.</summary>
    public const string Server = "";

    private const int Length = 16;

    /// <summary>A hash: neither a user's id nor an installation's is any business of others who read the record.</summary>
    public static string Of(string userId, string client) =>
        Base64Url.EncodeToString(SHA256.HashData(Encoding.UTF8.GetBytes($"{userId}\n{client}")))[..Length];
}
