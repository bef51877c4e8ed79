using Backend.Http;
using Backend.Sync.Protobuf;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace Backend.Sync;

/// <summary>One of the formats that the exchange speaks. All say the same; only reading and writing differ.</summary>
/// <param name="MediaTypes">What it is called.</param>
/// <param name="ReadAsync">Reads a request.</param>
/// <param name="Answer">Writes an answer under one of the names.</param>
internal sealed record SyncFormat(
    IReadOnlyList<string> MediaTypes, Func<HttpContext, Task<SyncExchange>> ReadAsync, Func<SyncOutcome.Done, string, IResult> Answer)
{
    public static readonly SyncFormat Json = new(["application/json"], SyncJson.ReadAsync, static (done, _) => new SyncResult(done));

    public static readonly SyncFormat Protobuf = new(
        ["application/x-protobuf", "application/protobuf"], SyncProtobuf.ReadAsync, static (done, mediaType) => new ProtobufResult(done, mediaType));

    private static readonly string[] AllMediaTypes = [.. Json.MediaTypes, .. Protobuf.MediaTypes];

    /// <summary>The format of the body.</summary>
    /// <exception cref="RequestException">It is none of these.</exception>
    public static SyncFormat Of(HttpRequest request) =>
        request.HasJsonContentType() ? Json
        : MediaTypeHeaderValue.TryParse(request.ContentType, out var sent) ? Of(sent.MediaType.Value) ?? throw Unsupported()
        : throw Unsupported();

    /// <summary>
    /// The format and name that <c>Accept</c> likes best; of equally liked ones that of the request. To be asked before
    /// anything is done: a client that cannot read the answer must not have had an effect.
    /// </summary>
    /// <exception cref="RequestException">It likes none of these.</exception>
    public static (SyncFormat Format, string MediaType) ForAnswer(HttpRequest request)
    {
        var own = MediaTypeHeaderValue.TryParse(request.ContentType, out var sent) ? sent.MediaType.Value : null;
        var accepted = MediaTypeHeaderValue.TryParseList(request.Headers.Accept, out var ranges) ? ranges : [];
        var best = AllMediaTypes
            .Select(name => (Name: name, Quality: QualityOf(name, accepted)))
            .Where(static candidate => candidate.Quality > 0)
            .OrderByDescending(static candidate => candidate.Quality)
            .ThenByDescending(candidate => candidate.Name.Equals(own, StringComparison.OrdinalIgnoreCase))
            .Select(static candidate => candidate.Name)
            .FirstOrDefault();
        return best is not null && Of(best) is { } format
            ? (format, best)
            : throw new RequestException(Problems.NotAcceptable($"The answer can be {string.Join(", ", AllMediaTypes)}."));
    }

    private static SyncFormat? Of(string? mediaType) => Array.Find(
        [Json, Protobuf], format => format.MediaTypes.Contains(mediaType, StringComparer.OrdinalIgnoreCase));

    /// <summary>By the most specific range that includes it, as RFC 9110 has it; everything is liked when nothing is said.</summary>
    private static double QualityOf(string mediaType, IList<MediaTypeHeaderValue> ranges) => ranges.Count == 0
        ? 1
        : ranges.Where(range => Includes(range, mediaType))
            .OrderBy(static range => range.MatchesAllTypes ? 2 : range.MatchesAllSubTypes ? 1 : 0)
            .FirstOrDefault() is { } nearest ? nearest.Quality ?? 1 : 0;

    private static bool Includes(MediaTypeHeaderValue range, string mediaType) =>
        range.MatchesAllTypes
        || (range.MatchesAllSubTypes
            ? mediaType.StartsWith($"{range.Type}/", StringComparison.OrdinalIgnoreCase)
            : range.MediaType.Equals(mediaType, StringComparison.OrdinalIgnoreCase));

    private static RequestException Unsupported() =>
        new(Problems.UnsupportedMediaType($"The body's content type must be one of {string.Join(", ", AllMediaTypes)}."));
}
