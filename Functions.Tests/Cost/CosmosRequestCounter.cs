using System.Globalization;
using Functions.Tests.Fixtures;

namespace Functions.Tests.Cost;

/// <summary>
/// Stands between the Cosmos SDK and the server and counts what is sent, by the kinds that Cosmos charges differently. What
/// costs no request units, addresses and definitions of the account and the plans of queries, is not counted.
/// </summary>
internal sealed class CosmosRequestCounter(HttpMessageHandler server) : DelegatingHandler(server)
{
    private readonly Lock _lock = new();
    private CosmosRequests _requests = new();

    /// <summary>What was sent since the last call.</summary>
    public CosmosRequests Take()
    {
        lock (_lock)
        {
            var requests = _requests;
            _requests = new CosmosRequests();
            return requests;
        }
    }

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var kinds = KindOf(request) is not { } kind ? []
            : kind is CosmosRequestKind.Batch ? [kind, .. await OperationsOfAsync(request, cancellationToken)]
            : (List<CosmosRequestKind>)[kind];
        var response = await base.SendAsync(request, cancellationToken);
        lock (_lock)
        {
            kinds.ForEach(counted => _requests.Add(counted, HasPartition(request), request.RequestUri?.AbsolutePath ?? ""));
        }

        return response;
    }

    private static async Task<IEnumerable<CosmosRequestKind>> OperationsOfAsync(HttpRequestMessage batch, CancellationToken ct)
    {
        var body = await (batch.Content ?? new ByteArrayContent([])).ReadAsByteArrayAsync(ct);
        var operations = await CosmosBatchFormat.ReadAsync(new MemoryStream(body));
        return operations.Select(static operation => operation.Id is null ? CosmosRequestKind.Create : CosmosRequestKind.Replace);
    }

    private static CosmosRequestKind? KindOf(HttpRequestMessage request)
    {
        // "/dbs/{database}/colls/{container}/docs[/{id}]"
        var path = request.RequestUri?.AbsolutePath.Trim('/').Split('/') ?? [];
        if (path is not ["dbs", _, "colls", _, "docs", ..])
        {
            return null;
        }

        return (request.Method.Method, path.Length) switch
        {
            ("GET", 5) when Has(request, "A-IM") => CosmosRequestKind.FeedPage,
            ("GET", 6) => CosmosRequestKind.PointRead,
            ("POST", 5) when Has(request, "x-ms-cosmos-is-query-plan-request") => null,
            ("POST", 5) when Has(request, "x-ms-cosmos-is-batch-request") => CosmosRequestKind.Batch,
            ("POST", 5) when Has(request, "x-ms-documentdb-isquery") => CosmosRequestKind.QueryPage,
            ("POST", 5) when Has(request, "x-ms-documentdb-is-upsert") => CosmosRequestKind.Replace,
            ("POST", 5) => CosmosRequestKind.Create,
            ("PUT" or "PATCH", 6) => CosmosRequestKind.Replace,
            ("DELETE", 6) => CosmosRequestKind.Delete,
            _ => CosmosRequestKind.Other,
        };
    }

    /// <summary>Whether it names the one logical partition that it is for.</summary>
    private static bool HasPartition(HttpRequestMessage request) =>
        request.Headers.NonValidated.TryGetValues("x-ms-documentdb-partitionkey", out var key)
        && key.ToString() is not ("" or "[]");

    private static bool Has(HttpRequestMessage request, string header) =>
        request.Headers.NonValidated.TryGetValues(header, out var value)
        && !string.Equals(value.ToString(), "false", StringComparison.OrdinalIgnoreCase);
}

internal enum CosmosRequestKind
{
    PointRead,
    QueryPage,
    FeedPage,
    Create,
    Replace,
    Delete,

    /// <summary>A transaction; what it does is counted beside it.</summary>
    Batch,

    /// <summary>Nothing that the product should send.</summary>
    Other,
}

/// <summary>How many requests of each kind, and those that went to more than one partition.</summary>
internal sealed class CosmosRequests
{
    /// <summary>Request units of each kind for items of 1 KB, as docs/cost.md derives them.</summary>
    private static readonly (CosmosRequestKind Kind, string Name, string Plural, double Units)[] Kinds =
    [
        (CosmosRequestKind.PointRead, "point read", "point reads", 2),
        (CosmosRequestKind.QueryPage, "query", "queries", 6),
        (CosmosRequestKind.FeedPage, "feed page", "feed pages", 2),
        (CosmosRequestKind.Create, "create", "creates", 5.5),
        (CosmosRequestKind.Replace, "replace", "replaces", 11),
        (CosmosRequestKind.Delete, "delete", "deletes", 5.5),
        (CosmosRequestKind.Batch, "transaction", "transactions", 0),
        (CosmosRequestKind.Other, "other request", "other requests", 1_000),
    ];

    private readonly Dictionary<CosmosRequestKind, int> _counts = [];
    private readonly List<string> _crossPartition = [];

    public IReadOnlyList<string> CrossPartition => _crossPartition;

    /// <summary>Without what a page costs for each record that it has.</summary>
    public double Units => Kinds.Sum(kind => kind.Units * _counts.GetValueOrDefault(kind.Kind));

    public void Add(CosmosRequestKind kind, bool hasPartition, string path)
    {
        _counts[kind] = _counts.GetValueOrDefault(kind) + 1;
        if (!hasPartition)
        {
            _crossPartition.Add($"{kind} {path}");
        }
    }

    /// <summary>As the table has it, for example <c>2 point reads, 1 create</c>.</summary>
    public override string ToString() => string.Join(", ", Kinds
        .Where(kind => _counts.ContainsKey(kind.Kind))
        .Select(kind => string.Create(
            CultureInfo.InvariantCulture, $"{_counts[kind.Kind]} {(_counts[kind.Kind] == 1 ? kind.Name : kind.Plural)}")));
}
