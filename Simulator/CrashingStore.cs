using Backend.Records;
using Backend.Sync.Push;

namespace Simulator;

/// <summary>What a process that was killed leaves behind: the call never comes back.</summary>
internal sealed class KilledException : Exception;

/// <summary>The server's store. When told so, the server dies at one of its next calls, before it has its effect or after.</summary>
internal sealed class CrashingStore(IRecordStore inner) : IRecordStore
{
    private int? _callsToLive;
    private bool _hasEffect;

    /// <summary>A mutant: what clients were refused is not written down.</summary>
    public bool ForgetsRefusals { get; init; }

    public void DieAt(int call, bool hasEffect) => (_callsToLive, _hasEffect) = (call, hasEffect);

    public void Live() => _callsToLive = null;

    public Task<StoredRecord?> FindAsync(RecordKey key, CancellationToken ct) => CallAsync(() => inner.FindAsync(key, ct));

    public Task<IReadOnlyList<StoredRecord>> FindManyAsync(
        Scope scope, string collection, IReadOnlyCollection<RecordId> ids, CancellationToken ct) =>
        CallAsync(() => inner.FindManyAsync(scope, collection, ids, ct));

    public Task<WriteOutcome> CreateAsync(StoredRecord record, CancellationToken ct) =>
        ForgetsRefusals && record.Key.Collection == RefusalLedger.Collection
            ? Task.FromResult<WriteOutcome>(new WriteOutcome.Written(record))
            : CallAsync(() => inner.CreateAsync(record, ct));

    public Task<WriteOutcome> ReplaceAsync(StoredRecord record, ETag expected, CancellationToken ct) =>
        CallAsync(() => inner.ReplaceAsync(record, expected, ct));

    public Task<ApplyOutcome> ApplyAsync(Scope scope, IReadOnlyList<RecordChange> changes, CancellationToken ct) =>
        CallAsync(() => inner.ApplyAsync(scope, changes, ct));

    public Task<IReadOnlyList<WriteOutcome>> WriteAllAsync(
        Scope scope, IReadOnlyList<RecordChange> changes, CancellationToken ct) =>
        CallAsync(() => inner.WriteAllAsync(scope, changes, ct));

    public Task<RecordPage> QueryAsync(RecordQuery query, CancellationToken ct) => CallAsync(() => inner.QueryAsync(query, ct));

    public Task<long> CountAsync(RecordQuery query, CancellationToken ct) => CallAsync(() => inner.CountAsync(query, ct));

    public Task<ChangePage> ReadChangesAsync(Scope scope, string? after, PageLimit limit, CancellationToken ct) =>
        CallAsync(() => inner.ReadChangesAsync(scope, after, limit, ct));

    public Task<int> PurgeExpiredAsync(int limit, CancellationToken ct) => inner.PurgeExpiredAsync(limit, ct);

    public Task<int> DeleteAllAsync(Scope scope, int limit, CancellationToken ct) => inner.DeleteAllAsync(scope, limit, ct);

    public Task CheckAsync(CancellationToken ct) => inner.CheckAsync(ct);

    private async Task<T> CallAsync<T>(Func<Task<T>> call)
    {
        if (_callsToLive-- is not 0)
        {
            return await call();
        }

        if (_hasEffect)
        {
            await call();
        }

        throw new KilledException();
    }
}
