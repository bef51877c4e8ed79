using System.Runtime.CompilerServices;
using Backend.Records;
using Microsoft.Azure.Cosmos;

namespace Backend.Azure.Records;

/// <remarks>Several records of one scope at once.</remarks>
internal sealed partial class CosmosRecordStore
{
    /// <summary>
    /// A point read of a small record costs 1 request unit, a query about 3 and a little for each record that it finds.
    /// </summary>
    private const int MaxPointReads = 3;

    /// <summary>Deletions in flight at once: enough to hide the way there and back, little beside what users do.</summary>
    private const int ParallelDeletions = 16;

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
}
