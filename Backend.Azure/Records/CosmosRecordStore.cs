using System.Net;
using System.Runtime.CompilerServices;
using Backend.Model;
using Backend.Records;
using Microsoft.Azure.Cosmos;
using Microsoft.Extensions.Options;

namespace Backend.Azure.Records;

/// <summary>
/// Records in one Cosmos DB container, partitioned by scope. Single records are point reads and writes; the order of
/// changes is the change feed of the scope's logical partition, so it is the order in which the database committed.
/// </summary>
internal sealed partial class CosmosRecordStore(
    CosmosClient client, IOptions<CosmosOptions> options, AppModel model, TimeProvider time) : IRecordStore
{
    private const int CreateAttempts = 3;

    /// <summary>
    /// A point read of a small record costs 1 request unit, a query about 3 and a little for each record that it finds.
    /// </summary>
    private const int MaxPointReads = 3;

    /// <summary>Deletions in flight at once: enough to hide the way there and back, little beside what users do.</summary>
    private const int ParallelDeletions = 16;

    private readonly Container _container = client.GetContainer(options.Value.Database, options.Value.Container);
    private volatile bool _containerChecked;

    public async Task<StoredRecord?> FindAsync(RecordKey key, CancellationToken ct) =>
        await FindStoredAsync(key, ct) is { } record && IsAlive(record) ? record : null;

    public async Task<WriteOutcome> CreateAsync(StoredRecord record, CancellationToken ct)
    {
        for (var attempt = 1; attempt <= CreateAttempts; attempt++)
        {
            using var response = await CosmosFaults.SendAsync(_container.CreateItemStreamAsync(
                Document(record), PartitionOf(record.Key.Scope), cancellationToken: ct));
            if (response.StatusCode is not HttpStatusCode.Conflict)
            {
                return Written(record, response);
            }

            // What held the key may have expired: then the key is free, whether or not Cosmos has removed it yet.
            var current = await FindStoredAsync(record.Key, ct);
            if (current is not null && IsAlive(current))
            {
                return new WriteOutcome.Conflict(current);
            }

            if (current is not null && await ReplaceAsync(record, current.ETag, ct) is WriteOutcome.Written written)
            {
                return written;
            }
        }

        throw new StoreUnavailableException($"{record.Key.Collection}/{record.Key.Id} is taken and cannot be read.");
    }

    public async Task<WriteOutcome> ReplaceAsync(StoredRecord record, ETag expected, CancellationToken ct)
    {
        using var response = await CosmosFaults.SendAsync(_container.ReplaceItemStreamAsync(
            Document(record),
            RecordDocument.IdOf(record.Key),
            PartitionOf(record.Key.Scope),
            new ItemRequestOptions { IfMatchEtag = expected.ToHeader() },
            ct));
        return response.StatusCode is HttpStatusCode.PreconditionFailed || CosmosFaults.IsMissingItem(response)
            ? new WriteOutcome.Conflict(await FindAsync(record.Key, ct))
            : Written(record, response);
    }

    /// <summary>Cosmos removes what has expired by itself.</summary>
    public Task<int> PurgeExpiredAsync(int limit, CancellationToken ct) => Task.FromResult(0);

    public async Task<IReadOnlyList<StoredRecord>> FindManyAsync(
        Scope scope, string collection, IReadOnlyCollection<RecordId> ids, CancellationToken ct)
    {
        if (ids.Count > MaxPointReads)
        {
            var definition = RecordQueryText.WriteFind(scope, collection, ids, time.GetUtcNow());
            return await ReadRecordsAsync(definition, scope, ids.Count, ct);
        }

        var found = await Task.WhenAll(ids.Select(id => FindAsync(new RecordKey(scope, collection, id), ct)));
        return [.. found.OfType<StoredRecord>()];
    }

    public async Task<RecordPage> QueryAsync(RecordQuery query, CancellationToken ct)
    {
        if (RecordQueryText.WritePage(query, time.GetUtcNow()) is not { } definition)
        {
            return RecordPage.Empty;
        }

        // One more tells whether there is more.
        var records = await ReadRecordsAsync(definition, query.Scope, query.Limit + 1, ct);
        var hasMore = records.Count > query.Limit;
        if (hasMore)
        {
            records.RemoveRange(query.Limit, records.Count - query.Limit);
        }

        return new RecordPage(records, hasMore, records is [.., var last] ? RecordQueryText.PlaceOf(last, query) : null);
    }

    public async Task<long> CountAsync(RecordQuery query, CancellationToken ct)
    {
        if (RecordQueryText.WriteCount(query, time.GetUtcNow()) is not { } definition)
        {
            return 0;
        }

        var count = 0L;
        await foreach (var page in ReadPagesAsync(definition, query.Scope, limit: -1, ct))
        {
            count += RecordDocument.ReadCount(page);
        }

        return count;
    }

    public async Task<ChangePage> ReadChangesAsync(Scope scope, string? after, int limit, CancellationToken ct)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        var records = new List<StoredRecord>();
        var position = after;
        while (records.Count < limit)
        {
            using var page = await ReadFeedAsync(scope, position, limit - records.Count, ct);
            position = page.ContinuationToken;
            if (page.StatusCode is HttpStatusCode.NotModified)
            {
                var untouched = after is null && records.Count == 0;
                return new ChangePage(Latest(records), untouched ? null : position, HasMore: false);
            }

            var read = new List<StoredRecord>();
            RecordDocument.ReadPage(await ReadAllAsync(page.Content, ct), scope, read);
            records.AddRange(read.Where(record => record.Key.Collection[0] != IRecordStore.InternalPrefix && IsAlive(record)));
        }

        // Whether this was the last one shows only in the next request, which the caller makes anyway.
        return new ChangePage(Latest(records), position, HasMore: true);
    }

    public async Task<int> DeleteAllAsync(Scope scope, int limit, CancellationToken ct)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        var keys = await FindKeysAsync(scope, limit, ct);
        var options = new ParallelOptions { MaxDegreeOfParallelism = ParallelDeletions, CancellationToken = ct };
        await Parallel.ForEachAsync(keys, options, async (key, token) =>
        {
            using var response = await CosmosFaults.SendAsync(_container.DeleteItemStreamAsync(
                RecordDocument.IdOf(key), PartitionOf(scope), cancellationToken: token));
            if (!CosmosFaults.IsMissingItem(response))
            {
                response.EnsureSuccessStatusCode();
            }
        });
        return keys.Count;
    }

    public async Task CheckAsync(CancellationToken ct)
    {
        if (!_containerChecked)
        {
            await CheckContainerAsync(ct);
            _containerChecked = true;
        }

        // Reading the container's definition counts against a small fixed budget; a point read does not.
        using var response = await CosmosFaults.SendAsync(
            _container.ReadItemStreamAsync("health", new PartitionKey("health"), cancellationToken: ct));
        if (!CosmosFaults.IsMissingItem(response))
        {
            response.EnsureSuccessStatusCode();
        }
    }

    /// <summary>
    /// Creates the database and the container where they are missing, as development needs them, with the account's
    /// default throughput, and gives the container the indexes of <see cref="CosmosIndexPlan"/> that it lacks.
    /// </summary>
    public async Task EnsureCreatedAsync(CancellationToken ct)
    {
        Database database = await client.CreateDatabaseIfNotExistsAsync(_container.Database.Id, cancellationToken: ct);
        var definition = new ContainerProperties(_container.Id, RecordDocument.PartitionKeyPath)
        {
            DefaultTimeToLive = -1, // on, so that tombstones expire; without a default, so that records do not
            PartitionKeyDefinitionVersion = PartitionKeyDefinitionVersion.V2, // tells scopes over 100 bytes apart
            IndexingPolicy = CosmosIndexPlan.Of(model),
        };
        ContainerProperties found = await database.CreateContainerIfNotExistsAsync(definition, cancellationToken: ct);
        if (CosmosIndexPlan.Missing(found.IndexingPolicy, model) is [_, ..] missing)
        {
            missing.ForEach(found.IndexingPolicy.CompositeIndexes.Add);
            await _container.ReplaceContainerAsync(found, cancellationToken: ct);
        }
    }

    private async Task<List<StoredRecord>> ReadRecordsAsync(
        QueryDefinition definition, Scope scope, int limit, CancellationToken ct)
    {
        var records = new List<StoredRecord>();
        await foreach (var page in ReadPagesAsync(definition, scope, limit, ct))
        {
            RecordDocument.ReadPage(page, scope, records);
            if (records.Count >= limit)
            {
                break;
            }
        }

        return records;
    }

    private async IAsyncEnumerable<ReadOnlyMemory<byte>> ReadPagesAsync(
        QueryDefinition definition, Scope scope, int limit, [EnumeratorCancellation] CancellationToken ct)
    {
        using var pages = _container.GetItemQueryStreamIterator(definition, requestOptions: new QueryRequestOptions
        {
            PartitionKey = PartitionOf(scope),
            MaxItemCount = limit,
        });
        while (pages.HasMoreResults)
        {
            using var page = await CosmosFaults.SendAsync(pages.ReadNextAsync(ct));
            page.EnsureSuccessStatusCode();
            yield return await ReadAllAsync(page.Content, ct);
        }
    }

    /// <summary>Also what has expired and is not removed yet.</summary>
    private async Task<StoredRecord?> FindStoredAsync(RecordKey key, CancellationToken ct)
    {
        using var response = await CosmosFaults.SendAsync(
            _container.ReadItemStreamAsync(RecordDocument.IdOf(key), PartitionOf(key.Scope), cancellationToken: ct));
        if (CosmosFaults.IsMissingItem(response))
        {
            return null;
        }

        response.EnsureSuccessStatusCode();
        return RecordDocument.Read(await ReadAllAsync(response.Content, ct), key.Scope);
    }

    private bool IsAlive(StoredRecord record) => record.ExpiresAt is not { } expiry || expiry > time.GetUtcNow();

    private MemoryStream Document(StoredRecord record) => RecordDocument.Write(record, time.GetUtcNow());

    private async Task CheckContainerAsync(CancellationToken ct)
    {
        ContainerProperties found = await CosmosFaults.CallAsync(_container.ReadContainerAsync(cancellationToken: ct));
        if (found.PartitionKeyPath != RecordDocument.PartitionKeyPath)
        {
            throw new InvalidOperationException(
                $"The container {_container.Id} is partitioned by {found.PartitionKeyPath}, not {RecordDocument.PartitionKeyPath}.");
        }

        if (found.DefaultTimeToLive is null)
        {
            throw new InvalidOperationException(
                $"The container {_container.Id} has no time to live, so tombstones would stay for ever; set it to -1.");
        }

        if (CosmosIndexPlan.Missing(found.IndexingPolicy, model) is [_, ..] missing)
        {
            throw new InvalidOperationException(
                $"The container {_container.Id} lacks composite indexes that the model declares: "
                + $"{string.Join("; ", missing.Select(CosmosIndexPlan.Describe))}. Write infra/{CosmosIndexPlan.File} anew and deploy it.");
        }
    }

    /// <summary>The keys of the first records of a scope, tombstones included.</summary>
    private async Task<List<RecordKey>> FindKeysAsync(Scope scope, int limit, CancellationToken ct)
    {
        var records = new List<StoredRecord>();
        using var pages = _container.GetItemQueryStreamIterator(
            new QueryDefinition("SELECT c.id, c.scope, c._etag FROM c WHERE c.scope = @scope").WithParameter("@scope", scope.Value),
            requestOptions: new QueryRequestOptions { PartitionKey = PartitionOf(scope), MaxItemCount = limit });
        while (pages.HasMoreResults && records.Count < limit)
        {
            using var page = await CosmosFaults.SendAsync(pages.ReadNextAsync(ct));
            page.EnsureSuccessStatusCode();
            RecordDocument.ReadPage(await ReadAllAsync(page.Content, ct), scope, records);
        }

        return [.. records.Take(limit).Select(record => record.Key)];
    }

    private async Task<ResponseMessage> ReadFeedAsync(Scope scope, string? after, int pageSize, CancellationToken ct)
    {
        var start = after is null
            ? ChangeFeedStartFrom.Beginning(FeedRange.FromPartitionKey(PartitionOf(scope)))
            : ChangeFeedStartFrom.ContinuationToken(after);
        using var feed = _container.GetChangeFeedStreamIterator(
            start, ChangeFeedMode.LatestVersion, new ChangeFeedRequestOptions { PageSizeHint = pageSize });
        var page = await CosmosFaults.SendAsync(feed.ReadNextAsync(ct));
        if (page.StatusCode is HttpStatusCode.BadRequest && after is not null)
        {
            page.Dispose();
            throw new ArgumentException("The position is none of this container.", nameof(after));
        }

        return page.StatusCode is HttpStatusCode.NotModified ? page : page.EnsureSuccessStatusCode();
    }

    /// <summary>A record that was written again between two requests of one read came twice; the later one counts.</summary>
    private static List<StoredRecord> Latest(List<StoredRecord> records)
    {
        var seen = new HashSet<RecordKey>(records.Count);
        for (var i = records.Count - 1; i >= 0; i--)
        {
            if (!seen.Add(records[i].Key))
            {
                records.RemoveAt(i);
            }
        }

        return records;
    }

    private static WriteOutcome.Written Written(StoredRecord record, ResponseMessage response) =>
        new(record with { ETag = RecordDocument.ReadETag(response.EnsureSuccessStatusCode().Headers.ETag) });

    private static PartitionKey PartitionOf(Scope scope) => new(scope.Value);

    private static async Task<ReadOnlyMemory<byte>> ReadAllAsync(Stream content, CancellationToken ct)
    {
        var buffer = new MemoryStream(content.CanSeek ? (int)content.Length : 16 * 1024);
        await content.CopyToAsync(buffer, ct);
        return buffer.GetBuffer().AsMemory(0, (int)buffer.Length);
    }
}
