using System.Buffers;
using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Backend.Http;
using Backend.Security;
using Microsoft.AspNetCore.Http;

namespace Backend.Records;

/// <summary>A client's name for one request, under which it may be sent again without a second effect.</summary>
/// <param name="Claim">The id of the key's claim: a hash over caller and key, so that no caller meets another's.</param>
/// <param name="Request">A hash over what was asked: the method, the path with its query, and the body.</param>
internal sealed record IdempotencyKey(RecordId Claim, string Request)
{
    public const string Header = "Idempotency-Key";

    private const int MaxLength = 255;

    private static readonly SearchValues<char> Printable =
        SearchValues.Create([.. Enumerable.Range(' ', 127 - ' ').Select(c => (char)c)]);

    /// <summary>Reads the header; null when it is not there.</summary>
    /// <exception cref="RequestException">It is no key.</exception>
    public static IdempotencyKey? Read(HttpContext context, Caller caller, JsonElement body)
    {
        var header = context.Request.Headers[Header];
        if (header.Count == 0)
        {
            return null;
        }

        if (header is not [{ Length: >= 1 and <= MaxLength } key] || key.AsSpan().ContainsAnyExcept(Printable))
        {
            throw new RequestException(Problems.Invalid(
                Header, "invalid_idempotency_key", $"Expected 1 to {MaxLength} printable ASCII characters, once."));
        }

        var request = context.Request;
        return Create(caller, key, $"{request.Method} {request.Path}{request.QueryString}\n{body.GetRawText()}");
    }

    /// <param name="caller">Who asks; the id of a caller has no line feed.</param>
    /// <param name="key">The client's key.</param>
    /// <param name="request">All that the answer depends on.</param>
    internal static IdempotencyKey Create(Caller caller, string key, string request) =>
        RecordId.TryParse(Hash($"{caller.Id}\n{key}"), out var claim)
            ? new IdempotencyKey(claim, Hash(request))
            : throw new InvalidOperationException("A hash in base64url is an id.");

    private static string Hash(string text) => Base64Url.EncodeToString(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
}
