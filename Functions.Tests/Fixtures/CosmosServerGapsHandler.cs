using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Functions.Tests.Fixtures;

/// <summary>
/// Makes up for what the npm Cosmos server lacks, and for nothing else; a real account or emulator runs without it.
/// <list type="bullet">
/// <item>Its change feed ignores the partition key and the continuation, so the feed is served from the order of the
/// writes that pass through here.</item>
/// <item>It does not answer query-plan requests. It has a single partition, where every query runs as it is.</item>
/// <item>It has composite indexes, and refuses an ORDER BY without the right one as Cosmos does, but does not read them
/// backwards. So the reverse of each is declared to it as well.</item>
/// <item>It fails (500) where a missing item or container is 404.</item>
/// <item>It compares an ETag precondition as text, with its ETags unquoted.</item>
/// <item>It fails on transactional batches, whose format it does not read. Here their conditions are checked first, then
/// their operations are sent one by one, while no other write passes. A reader may see some of them before the others,
/// and a server that fails half way leaves half: all or nothing holds for the conditions only.</item>
/// </list>
/// It depends on HTTP messages only: all clients of one server must pass through handlers of one
/// <see cref="CosmosWriteLog"/>, be it in this process or in a reverse proxy.
/// </summary>
internal sealed partial class CosmosServerGapsHandler(CosmosWriteLog log, HttpMessageHandler server) : DelegatingHandler(server)
{
    private const string PartitionKey = "x-ms-documentdb-partitionkey";

    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        // "/dbs/{database}/colls/{container}/docs[/{id}]"
        var path = request.RequestUri?.AbsolutePath.Trim('/').Split('/') ?? [];
        if (request.Method.Method is "POST" or "PUT" && path is ["dbs", _, "colls"] or ["dbs", _, "colls", _])
        {
            return DefineContainerAsync(request, cancellationToken);
        }

        if (path is not ["dbs", _, "colls", _, "docs", ..])
        {
            return base.SendAsync(request, cancellationToken);
        }

        var container = $"{path[1]}/{path[3]}";
        return (request.Method.Method, path.Length) switch
        {
            ("GET", 5) when Header(request, "A-IM") is not null => Task.FromResult(ReadFeed(request, container)),
            ("GET", 6) => SendToServerAsync(request, cancellationToken),
            ("POST", 5) when IsTrue(request, "x-ms-cosmos-is-query-plan-request") => Task.FromResult(AnswerPlan(request)),
            ("POST", 5) when IsTrue(request, "x-ms-cosmos-is-batch-request") => ApplyBatchAsync(request, container, cancellationToken),
            ("POST", 5) when IsTrue(request, "x-ms-documentdb-isquery") => base.SendAsync(request, cancellationToken),
            ("POST" or "PUT" or "PATCH" or "DELETE", _) => WriteAsync(request, container, cancellationToken),
            _ => base.SendAsync(request, cancellationToken),
        };
    }

    private async Task<HttpResponseMessage> SendToServerAsync(HttpRequestMessage request, CancellationToken ct)
    {
        var response = await base.SendAsync(request, ct);
        if (response.StatusCode is HttpStatusCode.InternalServerError
            && (await response.Content.ReadAsStringAsync(ct)).Contains("Cannot read properties of undefined", StringComparison.Ordinal))
        {
            response.StatusCode = HttpStatusCode.NotFound;
        }

        return response;
    }

    private async Task<HttpResponseMessage> DefineContainerAsync(HttpRequestMessage request, CancellationToken ct)
    {
        if (request.Content is { } content
            && JsonNode.Parse(await content.ReadAsStringAsync(ct)) is JsonObject definition
            && definition["indexingPolicy"]?["compositeIndexes"] is JsonArray indexes)
        {
            foreach (var index in indexes.Select(index => index?.DeepClone()).OfType<JsonArray>().ToList())
            {
                foreach (var path in index.OfType<JsonObject>())
                {
                    path["order"] = path["order"]?.GetValue<string>() == "descending" ? "ascending" : "descending";
                }

                indexes.Add(index);
            }

            request.Content = new StringContent(definition.ToJsonString(), Encoding.UTF8, "application/json");
        }

        return await base.SendAsync(request, ct);
    }

    private async Task<HttpResponseMessage> WriteAsync(HttpRequestMessage request, string container, CancellationToken ct)
    {
        if (Header(request, "If-Match") is { } condition)
        {
            request.Headers.Remove("If-Match");
            request.Headers.TryAddWithoutValidation("If-Match", condition.Trim('"'));
        }

        await log.WriteTurn.WaitAsync(ct);
        try
        {
            // Once sent, a write is noted even if the caller gives up: the server has it.
            var response = await SendToServerAsync(request, CancellationToken.None);
            await response.Content.LoadIntoBufferAsync(CancellationToken.None);
            if (response.IsSuccessStatusCode)
            {
                await NoteAsync(request, container, response);
            }

            return response;
        }
        finally
        {
            log.WriteTurn.Release();
        }
    }

    private async Task NoteAsync(HttpRequestMessage request, string container, HttpResponseMessage response)
    {
        var partition = Partition(request) ?? throw new InvalidOperationException("A write without a partition key.");
        if (request.Method == HttpMethod.Delete)
        {
            var id = Uri.UnescapeDataString(request.RequestUri?.Segments[^1] ?? "");
            log.Deleted(container, partition, id);
            return;
        }

        var body = await response.Content.ReadAsByteArrayAsync();
        using var document = JsonDocument.Parse(body);
        log.Written(container, partition, document.RootElement.GetProperty("id").GetString() ?? "", body);
    }

    private HttpResponseMessage ReadFeed(HttpRequestMessage request, string container)
    {
        long? after = Header(request, "If-None-Match") switch
        {
            null => 0,
            "*" => null,
            var etag => long.Parse(etag.Trim('"'), CultureInfo.InvariantCulture),
        };
        var limit = int.TryParse(Header(request, "x-ms-max-item-count"), CultureInfo.InvariantCulture, out var asked)
            && asked > 0 ? asked : 100;
        var (documents, position) = log.Read(container, Partition(request), after, limit);
        var response = Answer(
            request, documents.Count > 0 ? HttpStatusCode.OK : HttpStatusCode.NotModified, json =>
            {
                json.WriteStartObject();
                json.WriteString("_rid", "");
                json.WriteStartArray("Documents");
                foreach (var document in documents)
                {
                    json.WriteRawValue(document);
                }

                json.WriteEndArray();
                json.WriteNumber("_count", documents.Count);
                json.WriteEndObject();
            });
        response.Headers.TryAddWithoutValidation("etag", $"\"{position}\"");
        response.Headers.TryAddWithoutValidation("x-ms-item-count", documents.Count.ToString(CultureInfo.InvariantCulture));
        return response;
    }

    private static HttpResponseMessage AnswerPlan(HttpRequestMessage request) =>
        Answer(request, HttpStatusCode.OK, json => json.WriteRawValue("""
            {
              "partitionedQueryExecutionInfoVersion": 2,
              "queryInfo": { "distinctType": "None", "orderBy": [], "orderByExpressions": [], "groupByExpressions": [],
                "groupByAliases": [], "aggregates": [], "groupByAliasToAggregateType": {}, "rewrittenQuery": "",
                "hasSelectValue": false },
              "queryRanges": [ { "min": "", "max": "FF", "isMinInclusive": true, "isMaxInclusive": false } ]
            }
            """));

    private static HttpResponseMessage Answer(HttpRequestMessage request, HttpStatusCode status, Action<Utf8JsonWriter> write)
    {
        var body = new MemoryStream();
        if (status is not HttpStatusCode.NotModified)
        {
            using var json = new Utf8JsonWriter(body);
            write(json);
        }

        var response = new HttpResponseMessage(status)
        {
            RequestMessage = request,
            Content = new ByteArrayContent(body.ToArray()),
        };
        response.Content.Headers.ContentType = new("application/json");
        response.Headers.TryAddWithoutValidation("x-ms-request-charge", "1");
        response.Headers.TryAddWithoutValidation("x-ms-activity-id", Guid.NewGuid().ToString());
        return response;
    }

    /// <summary>The one value of <c>["user/alice"]</c>, with its escapes resolved.</summary>
    private static string? Partition(HttpRequestMessage request)
    {
        if (Header(request, PartitionKey) is not { } header)
        {
            return null;
        }

        using var key = JsonDocument.Parse(header);
        return key.RootElement[0].GetString();
    }

    private static bool IsTrue(HttpRequestMessage request, string name) =>
        string.Equals(Header(request, name), "true", StringComparison.OrdinalIgnoreCase);

    private static string? Header(HttpRequestMessage request, string name) =>
        request.Headers.NonValidated.TryGetValues(name, out var values) ? values.ToString() : null;
}
