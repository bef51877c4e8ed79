using System.Text;

namespace Backend.Orchestrations;

/// <summary>An input or output is too large for a history. Store it as a blob and pass its name.</summary>
public sealed class PayloadTooLargeException(string what, int bytes, int limit)
    : Exception($"The {what} has {bytes} bytes of JSON, the limit is {limit}: store it as a blob and pass its name")
{
    /// <param name="what">Whose payload, for the message: "input of activity X".</param>
    /// <param name="json">The payload.</param>
    /// <param name="limit">In bytes of UTF-8.</param>
    public static void ThrowIfOver(string what, string json, int limit)
    {
        // No character takes more than three bytes, so most payloads need no counting.
        if (json.Length > limit / 3 && Encoding.UTF8.GetByteCount(json) is var bytes && bytes > limit)
        {
            throw new PayloadTooLargeException(what, bytes, limit);
        }
    }
}
