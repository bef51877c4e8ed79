using System.Net;
using Backend.Records;
using Microsoft.Azure.Cosmos;

namespace Backend.Azure.Records;

/// <remarks>Several writes of one scope are one transactional batch: the database's own all or nothing.</remarks>
internal sealed partial class CosmosRecordStore
{
    private const int ApplyAttempts = 3;

    /// <remarks>
    /// Each is a request of its own, so many at a time: a batch of Cosmos DB is all or nothing, and costs the same.
    /// </remarks>
    public async Task<IReadOnlyList<WriteOutcome>> WriteAllAsync(
        Scope scope, IReadOnlyList<RecordChange> changes, CancellationToken ct)
    {
        RecordChange.Check(scope, changes, IRecordStore.MaxWrites);
        var outcomes = new WriteOutcome[changes.Count];
        await Parallel.ForAsync(0, changes.Count, InParallel(ct), async (i, token) =>
            outcomes[i] = changes[i] is { Expected: { } expected, Record: var record }
                ? await ReplaceAsync(record, expected, token)
                : await CreateAsync(changes[i].Record, token));
        return outcomes;
    }

    public async Task<ApplyOutcome> ApplyAsync(Scope scope, IReadOnlyList<RecordChange> changes, CancellationToken ct)
    {
        RecordChange.Check(scope, changes, IRecordStore.MaxChanges);
        var expired = new Dictionary<int, ETag>();
        for (var attempt = 1; attempt <= ApplyAttempts; attempt++)
        {
            using var response = await SendAsync(scope, changes, expired, ct);
            if (response.IsSuccessStatusCode)
            {
                return new ApplyOutcome.Written([.. changes.Select(
                    (change, i) => change.Record with { ETag = RecordDocument.ReadETag(response[i].ETag) })]);
            }

            // The others say 424, failed dependency.
            var index = Enumerable.Range(0, response.Count).FirstOrDefault(i => IsConflict(response[i].StatusCode), -1);
            if (index < 0)
            {
                throw Failure(response);
            }

            var current = await FindStoredAsync(changes[index].Record.Key, ct);
            if (current is not null && !IsAlive(current) && changes[index].Expected is null)
            {
                expired[index] = current.ETag; // its key is free, whether or not Cosmos has removed it yet
            }
            else if (current?.ETag != changes[index].Expected)
            {
                return new ApplyOutcome.Conflict(index, current is not null && IsAlive(current) ? current : null);
            }
        }

        throw new StoreUnavailableException($"{scope} changes faster than it can be read.");
    }

    private async Task<TransactionalBatchResponse> SendAsync(
        Scope scope, IReadOnlyList<RecordChange> changes, Dictionary<int, ETag> expired, CancellationToken ct)
    {
        var batch = _container.CreateTransactionalBatch(PartitionOf(scope));
        foreach (var (i, change) in changes.Index())
        {
            if ((change.Expected ?? (expired.TryGetValue(i, out var etag) ? etag : null)) is { } expected)
            {
                batch.ReplaceItemStream(
                    RecordDocument.IdOf(change.Record.Key),
                    Document(change.Record),
                    new TransactionalBatchItemRequestOptions { IfMatchEtag = expected.ToHeader() });
            }
            else
            {
                batch.CreateItemStream(Document(change.Record));
            }
        }

        return await CosmosFaults.CallAsync(batch.ExecuteAsync(ct));
    }

    private ParallelOptions InParallel(CancellationToken ct) =>
        new() { MaxDegreeOfParallelism = options.Value.MaxParallelRequests, CancellationToken = ct };

    private static bool IsConflict(HttpStatusCode status) =>
        status is HttpStatusCode.Conflict or HttpStatusCode.PreconditionFailed or HttpStatusCode.NotFound;

    private static Exception Failure(TransactionalBatchResponse response) => (int)response.StatusCode switch
    {
        // Records:MaxBatchBytes keeps what clients send below the limit of 2 MB.
        413 => new InvalidOperationException("The changes are larger than the 2 MB that Cosmos DB applies together."),
        408 or 410 or 429 or 449 or >= 500 => new StoreUnavailableException(
            $"Cosmos DB answered {(int)response.StatusCode}: {response.ErrorMessage}") { RetryAfter = response.RetryAfter },
        var status => new InvalidOperationException($"Cosmos DB answered {status}: {response.ErrorMessage}"),
    };
}
