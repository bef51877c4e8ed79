using Backend.Records;
using Backend.Sync.Push;

namespace Simulator;

/// <summary>What a process that was killed leaves behind: the call never comes back.</summary>
internal sealed class KilledException : Exception;

/// <summary>
/// The store as one server sees it. When told so, the server dies at one of its next calls, before it has its effect or after;
/// or something else happens between two of its calls.
/// </summary>
/// <param name="inner">What all servers share.</param>
/// <param name="watch">Hears of every record that was written, and whether there was nothing before.</param>
internal sealed class CrashingStore(IRecordStore inner, Action<StoredRecord, bool> watch) : IRecordStore
{
    private int? _callsToLive;
    private int? _callsToPause;
    private bool _hasEffect;
    private Func<Task>? _between;

    /// <summary>A mutant: what clients were refused is not written down.</summary>
    public bool ForgetsRefusals { get; init; }

    public bool IsDead { get; private set; }

    public void DieAt(int call, bool hasEffect) => (_callsToLive, _hasEffect) = (call, hasEffect);

    /// <summary>Lets something happen before one of the next calls.</summary>
    public void InterleaveAt(int call, Func<Task> between) => (_callsToPause, _between) = (call, between);

    /// <summary>Nothing happens between calls any more.</summary>
    public void NothingBetween() => _callsToPause = null;

    /// <summary>Nothing happens to it any more.</summary>
    public void Calm() => (_callsToLive, _callsToPause) = (null, null);

    public Task<StoredRecord?> FindAsync(RecordKey key, CancellationToken ct) => CallAsync(() => inner.FindAsync(key, ct));

    public Task<IReadOnlyList<StoredRecord>> FindManyAsync(
        Scope scope, string collection, IReadOnlyCollection<RecordId> ids, CancellationToken ct) =>
        CallAsync(() => inner.FindManyAsync(scope, collection, ids, ct));

    public Task<WriteOutcome> CreateAsync(StoredRecord record, CancellationToken ct) =>
        ForgetsRefusals && record.Key.Collection == RefusalLedger.Collection
            ? Task.FromResult<WriteOutcome>(new WriteOutcome.Written(record))
            : CallAsync(async () => Watch(await inner.CreateAsync(record, ct), isNew: true));

    public Task<WriteOutcome> ReplaceAsync(StoredRecord record, ETag expected, CancellationToken ct) =>
        CallAsync(async () => Watch(await inner.ReplaceAsync(record, expected, ct), isNew: false));

    public Task<ApplyOutcome> ApplyAsync(Scope scope, IReadOnlyList<RecordChange> changes, CancellationToken ct) =>
        CallAsync(async () =>
        {
            var outcome = await inner.ApplyAsync(scope, changes, ct);
            if (outcome is ApplyOutcome.Written written)
            {
                foreach (var (record, change) in written.Records.Zip(changes))
                {
                    watch(record, change.Expected is null);
                }
            }

            return outcome;
        });

    public Task<IReadOnlyList<WriteOutcome>> WriteAllAsync(
        Scope scope, IReadOnlyList<RecordChange> changes, CancellationToken ct) =>
        CallAsync(async () =>
        {
            var outcomes = await inner.WriteAllAsync(scope, changes, ct);
            foreach (var (outcome, change) in outcomes.Zip(changes))
            {
                Watch(outcome, change.Expected is null);
            }

            return outcomes;
        });

    public Task<RecordPage> QueryAsync(RecordQuery query, CancellationToken ct) => CallAsync(() => inner.QueryAsync(query, ct));

    public Task<long> CountAsync(RecordQuery query, CancellationToken ct) => CallAsync(() => inner.CountAsync(query, ct));

    public Task<ChangePage> ReadChangesAsync(Scope scope, string? after, PageLimit limit, CancellationToken ct) =>
        CallAsync(() => inner.ReadChangesAsync(scope, after, limit, ct));

    public Task<int> PurgeExpiredAsync(int limit, CancellationToken ct) => CallAsync(() => inner.PurgeExpiredAsync(limit, ct));

    public Task<int> DeleteAllAsync(Scope scope, int limit, CancellationToken ct) => CallAsync(() => inner.DeleteAllAsync(scope, limit, ct));

    public Task CheckAsync(CancellationToken ct) => inner.CheckAsync(ct);

    private WriteOutcome Watch(WriteOutcome outcome, bool isNew)
    {
        if (outcome is WriteOutcome.Written written)
        {
            watch(written.Record, isNew);
        }

        return outcome;
    }

    private async Task<T> CallAsync<T>(Func<Task<T>> call)
    {
        if (_callsToPause-- is 0)
        {
            await _between!(); // given with the number
        }

        IsDead |= _callsToLive is 0 && !_hasEffect;
        if (IsDead)
        {
            throw new KilledException();
        }

        var result = await call();
        IsDead = _callsToLive-- is 0;
        return IsDead ? throw new KilledException() : result;
    }
}
