using System.Net;
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

    public async Task<ChangePage> ReadChangesAsync(Scope scope, string? after, PageLimit limit, CancellationToken ct)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(limit.Records, 1);
        var records = new List<StoredRecord>();
        var position = after;
        var bytes = 0L;
        while (records.Count < limit.Records && bytes < limit.Bytes)
        {
            using var page = await ReadFeedAsync(scope, position, limit.Records - records.Count, ct);
            position = page.ContinuationToken;
            if (page.StatusCode is HttpStatusCode.NotModified)
            {
                var untouched = after is null && records.Count == 0;
                return new ChangePage(Latest(records), untouched ? null : position, HasMore: false);
            }

            var read = new List<StoredRecord>();
            RecordDocument.ReadPage(await ReadAllAsync(page.Content, ct), scope, read);
            bytes += read.Sum(record => (long)record.Fields.Utf8.Length);
            records.AddRange(read.Where(record => record.Key.Collection[0] != IRecordStore.InternalPrefix && IsAlive(record)));
        }

        // Whether this was the last one shows only in the next request, which the caller makes anyway.
        return new ChangePage(Latest(records), position, HasMore: true);
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
