using System.Net;
using System.Text.Json;
using Backend.Changes;
using Backend.Records;
using Microsoft.Azure.Cosmos;
using Microsoft.Extensions.Options;

namespace Backend.Azure.Records;

/// <summary>
/// The changes of all scopes, from the container's change feed: the latest version of every document that was written, in
/// the order of the writes within a scope.
/// </summary>
public sealed class CosmosChangeFeed
{
    private const int PageSize = 100;

    private readonly Container _container;

    internal CosmosChangeFeed(CosmosClient client, IOptions<CosmosOptions> options)
    {
        _container = client.GetContainer(options.Value.Database, options.Value.Container);
        Name = new Uri(options.Value.Endpoint!, $"dbs/{options.Value.Database}/colls/{options.Value.Container}").ToString();
    }

    /// <summary>Tells this container's feed from that of any other.</summary>
    public string Name { get; }

    /// <param name="position">Where an earlier read ended; null for what is written from now on.</param>
    /// <param name="ct">Cancels the read.</param>
    /// <returns>
    /// What changed, fewer when internal documents are among it, and the position behind it. No records and
    /// <c>IsEnd</c>: nothing more was there.
    /// </returns>
    /// <exception cref="StoreUnavailableException">Cosmos does not answer.</exception>
    public async Task<(IReadOnlyList<ChangedRecord> Changes, string Position, bool IsEnd)> ReadAsync(
        string? position, CancellationToken ct)
    {
        using var feed = _container.GetChangeFeedStreamIterator(
            position is null ? ChangeFeedStartFrom.Now() : ChangeFeedStartFrom.ContinuationToken(position),
            ChangeFeedMode.LatestVersion,
            new ChangeFeedRequestOptions { PageSizeHint = PageSize });
        using var page = await CosmosFaults.SendAsync(feed.ReadNextAsync(ct));
        if (page.StatusCode is HttpStatusCode.NotModified)
        {
            return ([], page.ContinuationToken, IsEnd: true);
        }

        page.EnsureSuccessStatusCode();
        using var body = await JsonDocument.ParseAsync(page.Content, cancellationToken: ct);
        return (ReadDocuments(body.RootElement.GetProperty("Documents")), page.ContinuationToken, IsEnd: false);
    }

    /// <summary>Reads what a change feed delivers: an array of documents of the records' container.</summary>
    /// <param name="json">As JSON text.</param>
    public static IReadOnlyList<ChangedRecord> ReadDocuments(string json)
    {
        using var documents = JsonDocument.Parse(json);
        return ReadDocuments(documents.RootElement);
    }

    private static List<ChangedRecord> ReadDocuments(JsonElement documents) =>
        [.. documents.EnumerateArray().Select(TryRead).OfType<ChangedRecord>()];

    /// <summary>Null for what is no record: somebody else's document, which there should not be.</summary>
    private static ChangedRecord? TryRead(JsonElement document) =>
        Text(document, "id") is { } name
        && name.LastIndexOf(':') is > 0 and var colon
        && RecordId.TryParse(name[(colon + 1)..], out var id)
        && Scope.TryParseStored(Text(document, "scope"), out var scope)
        && Text(document, "_etag") is { } etag
            ? new ChangedRecord(new RecordKey(scope, name[..colon], id), RecordDocument.ReadETag(etag))
            : null;

    private static string? Text(JsonElement document, string property) =>
        document.TryGetProperty(property, out var value) && value.ValueKind is JsonValueKind.String ? value.GetString() : null;
}
