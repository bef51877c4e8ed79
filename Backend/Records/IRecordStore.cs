namespace Backend.Records;

/// <summary>
/// Keeps records, partitioned by scope. Every method is atomic for one record and safe to call concurrently. Outages
/// (<see cref="StoreUnavailableException"/>) and bugs are exceptions; what a caller can expect is an outcome. A record
/// whose <see cref="StoredRecord.ExpiresAt"/> has come does not exist for any of them.
/// </summary>
public interface IRecordStore
{
    /// <summary>The most changes of one <see cref="ApplyAsync"/>, which is what a transaction of Cosmos DB takes.</summary>
    const int MaxChanges = 100;

    /// <summary>The most changes of one <see cref="WriteAllAsync"/>.</summary>
    const int MaxWrites = 1_000;

    /// <summary>What a name of the product's own collections starts with; sync never delivers them.</summary>
    const char InternalPrefix = '$';

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
    /// Carries out several creates and replaces of one scope, each under its own condition: all of them, or none when a
    /// condition does not hold. No reader of single records sees only some.
    /// </summary>
    /// <param name="scope">The scope of every record.</param>
    /// <param name="changes">1 to <see cref="MaxChanges"/>, each of another record.</param>
    /// <param name="ct">Cancels the wait for a turn; what was handed to the database is carried out.</param>
    /// <exception cref="ArgumentException">The changes are too many, of another scope, or two are of one record.</exception>
    Task<ApplyOutcome> ApplyAsync(Scope scope, IReadOnlyList<RecordChange> changes, CancellationToken ct);

    /// <summary>
    /// Carries out several creates and replaces of one scope, each under its own condition and on its own: where the
    /// condition of one does not hold, the others are written all the same. When it throws, any of them may have been written.
    /// </summary>
    /// <param name="scope">The scope of every record.</param>
    /// <param name="changes">1 to <see cref="MaxWrites"/>, each of another record.</param>
    /// <param name="ct">Cancels the wait for a turn; what was handed to the database is carried out.</param>
    /// <returns>What became of each, in the order of the changes.</returns>
    /// <exception cref="ArgumentException">The changes are too many, of another scope, or two are of one record.</exception>
    Task<IReadOnlyList<WriteOutcome>> WriteAllAsync(Scope scope, IReadOnlyList<RecordChange> changes, CancellationToken ct);

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
    /// missed. Collections whose names start with <see cref="InternalPrefix"/> are left out.
    /// </summary>
    /// <param name="scope">The scope to read.</param>
    /// <param name="after">A <see cref="ChangePage.Position"/> of the same scope; null for the beginning.</param>
    /// <param name="limit">Where the page ends; but what was applied together may come together, so that it is longer by
    /// fewer than <see cref="MaxChanges"/>.</param>
    /// <param name="ct">Cancels the read.</param>
    /// <exception cref="ArgumentException"><paramref name="after"/> is none of this store's positions, for example
    /// because it stems from before a restore to a new database.</exception>
    Task<ChangePage> ReadChangesAsync(Scope scope, string? after, PageLimit limit, CancellationToken ct);

    /// <summary>
    /// Removes records that have expired, the longest ago first, and returns how many: fewer than
    /// <paramref name="limit"/> when none is left. A store that removes them by itself answers 0.
    /// </summary>
    Task<int> PurgeExpiredAsync(int limit, CancellationToken ct);

    /// <summary>
    /// Removes records of a scope for good, tombstones included: nothing can be read, restored or pulled any more. For
    /// scopes that nobody enters; called again and again until it answers 0.
    /// </summary>
    /// <param name="scope">The scope to empty.</param>
    /// <param name="limit">At most this many, 1 or more.</param>
    /// <param name="ct">Cancels; what is removed by then stays so.</param>
    /// <returns>How many it found and removed; 0 when the scope is empty.</returns>
    Task<int> DeleteAllAsync(Scope scope, int limit, CancellationToken ct);

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

/// <summary>How much a page may have.</summary>
/// <param name="Records">At most this many records, 1 or more.</param>
/// <param name="Bytes">No further record once the fields of those before have this many bytes.</param>
public readonly record struct PageLimit(int Records, long Bytes = long.MaxValue)
{
    public static implicit operator PageLimit(int records) => new(records);
}
