using Backend.Records;

namespace Functions.Tests.Fixtures;

/// <summary>A store before another one, for tests of what happens when that one fails. It passes everything on.</summary>
internal abstract class StoreInFront(IRecordStore inner) : IRecordStore
{
    public Task<StoredRecord?> FindAsync(RecordKey key, CancellationToken ct) => ReadAsync(() => inner.FindAsync(key, ct));

    public Task<IReadOnlyList<StoredRecord>> FindManyAsync(
        Scope scope, string collection, IReadOnlyCollection<RecordId> ids, CancellationToken ct) =>
        ReadAsync(() => inner.FindManyAsync(scope, collection, ids, ct));

    public Task<RecordPage> QueryAsync(RecordQuery query, CancellationToken ct) => ReadAsync(() => inner.QueryAsync(query, ct));

    public Task<long> CountAsync(RecordQuery query, CancellationToken ct) => ReadAsync(() => inner.CountAsync(query, ct));

    public Task<ChangePage> ReadChangesAsync(Scope scope, string? after, PageLimit limit, CancellationToken ct) =>
        ReadAsync(() => inner.ReadChangesAsync(scope, after, limit, ct));

    public Task<WriteOutcome> CreateAsync(StoredRecord record, CancellationToken ct) =>
        WriteAsync(() => inner.CreateAsync(record, ct));

    public Task<WriteOutcome> ReplaceAsync(StoredRecord record, ETag expected, CancellationToken ct) =>
        WriteAsync(() => inner.ReplaceAsync(record, expected, ct));

    public Task<ApplyOutcome> ApplyAsync(Scope scope, IReadOnlyList<RecordChange> changes, CancellationToken ct) =>
        WriteAsync(() => inner.ApplyAsync(scope, changes, ct));

    public Task<IReadOnlyList<WriteOutcome>> WriteAllAsync(
        Scope scope, IReadOnlyList<RecordChange> changes, CancellationToken ct) =>
        WriteAsync(() => inner.WriteAllAsync(scope, changes, ct));

    public Task<int> PurgeExpiredAsync(int limit, CancellationToken ct) => WriteAsync(() => inner.PurgeExpiredAsync(limit, ct));

    public Task<int> DeleteAllAsync(Scope scope, int limit, CancellationToken ct) =>
        WriteAsync(() => inner.DeleteAllAsync(scope, limit, ct));

    public Task CheckAsync(CancellationToken ct) => inner.CheckAsync(ct);

    /// <summary>Comes before every read.</summary>
    protected virtual Task<T> ReadAsync<T>(Func<Task<T>> send) => send();

    /// <summary>Comes before every write.</summary>
    protected virtual Task<T> WriteAsync<T>(Func<Task<T>> send) => send();
}
