namespace Backend.Records;

/// <summary>
/// Keeps records, partitioned by scope. Every method is atomic for one record and safe to call concurrently. Outages
/// (<see cref="StoreUnavailableException"/>) and bugs are exceptions; what a caller can expect is an outcome.
/// </summary>
public interface IRecordStore
{
    /// <summary>The record or its tombstone; null when the store has never held it or has purged it.</summary>
    Task<StoredRecord?> FindAsync(RecordKey key, CancellationToken ct);

    /// <summary>Adds a record whose key is unused, by tombstones too.</summary>
    /// <returns><see cref="WriteOutcome.Written"/>, or <see cref="WriteOutcome.Conflict"/> with what holds the key.</returns>
    Task<WriteOutcome> CreateAsync(StoredRecord record, CancellationToken ct);

    /// <summary>
    /// Replaces a record or its tombstone if its version is still <paramref name="expected"/>. Deleting is replacing
    /// by a tombstone.
    /// </summary>
    /// <returns><see cref="WriteOutcome.Written"/>, or <see cref="WriteOutcome.Conflict"/> with the current record,
    /// null when there is none.</returns>
    Task<WriteOutcome> ReplaceAsync(StoredRecord record, ETag expected, CancellationToken ct);

    /// <summary>
    /// A page of the records of one scope and collection that satisfy the query's rule and filter, in the query's order.
    /// Records that come and go between two pages shift nothing: the next page starts behind a place. A record whose
    /// keys change meanwhile may move past it either way.
    /// </summary>
    Task<RecordPage> QueryAsync(RecordQuery query, CancellationToken ct);

    /// <summary>
    /// How many records satisfy the query's rule and filter on all its pages together. The cost grows with what an index
    /// cannot rule out.
    /// </summary>
    Task<long> CountAsync(RecordQuery query, CancellationToken ct);

    /// <summary>Those records of one scope and collection that exist, tombstones included, in any order.</summary>
    /// <param name="scope">The scope.</param>
    /// <param name="collection">The collection.</param>
    /// <param name="ids">Distinct; at most a page of a list.</param>
    /// <param name="ct">Cancels the read.</param>
    Task<IReadOnlyList<StoredRecord>> FindManyAsync(
        Scope scope, string collection, IReadOnlyCollection<RecordId> ids, CancellationToken ct);

    /// <summary>
    /// The latest version of each record of a scope that was written after a position, tombstones included, in the
    /// order of their last write. A record written again while a reader pages is delivered again, later; none is
    /// missed.
    /// </summary>
    /// <param name="scope">The scope to read.</param>
    /// <param name="after">A <see cref="ChangePage.Position"/> of the same scope; null for the beginning.</param>
    /// <param name="limit">At most this many records, 1 or more.</param>
    /// <param name="ct">Cancels the read.</param>
    /// <exception cref="ArgumentException"><paramref name="after"/> is none of this store's positions, for example
    /// because it stems from before a restore to a new database.</exception>
    Task<ChangePage> ReadChangesAsync(Scope scope, string? after, int limit, CancellationToken ct);

    /// <summary>Throws when the store cannot answer; asked by the readiness probe.</summary>
    Task CheckAsync(CancellationToken ct);
}

/// <summary>What became of a conditional write.</summary>
public abstract record WriteOutcome
{
    private WriteOutcome()
    {
    }

    /// <summary>The write is durable; <paramref name="Record"/> carries the new ETag.</summary>
    public sealed record Written(StoredRecord Record) : WriteOutcome;

    /// <summary>Nothing was written; <paramref name="Current"/> is what the store holds.</summary>
    public sealed record Conflict(StoredRecord? Current) : WriteOutcome;
}

/// <param name="Records">The records, oldest write first.</param>
/// <param name="Position">
/// Where the next read starts; meaningful to the store that issued it, for this scope only. Null as long as the scope
/// has never been written to.
/// </param>
/// <param name="HasMore">Whether more may be waiting. A short page means nothing; this does.</param>
public sealed record ChangePage(IReadOnlyList<StoredRecord> Records, string? Position, bool HasMore);
