using Backend.Hooks;
using Backend.Merging;
using Backend.Records;
using Backend.Security;

namespace Backend.Sync.Push;

/// <summary>One request's mutations on their way into the store.</summary>
internal sealed partial class PushWork(
    RecordAccess access, PlanMutation plan, RecordHooks hooks, IRecordStore store, Retention retention, TimeProvider time,
    RefusalLedger ledger, int maxGroupBytes, Caller caller, string writer)
{
    private readonly Dictionary<long, MutationResult> _results = [];
    private readonly Dictionary<RecordKey, WorkingRecord> _records = [];
    private readonly Dictionary<(string Collection, string? Scope), ScopeAccess?> _entered = [];

    /// <summary>Records whose mutation has to come again: a later one of them would make it look as if it had come.</summary>
    private readonly HashSet<RecordKey> _contended = [];

    /// <summary>Records with a refusal that is not written down yet: a later write of them would make it look taken.</summary>
    private readonly HashSet<RecordKey> _refused = [];

    /// <summary>Whether something would have to be told that rests on records which nobody has looked after.</summary>
    private bool _mustLook;

    /// <summary>Whether refusals were read after the records.</summary>
    private bool _isLedgerFresh;

    public MutationResult ResultOf(long seq) => _results[seq];

    public async Task SaveRefusalsAsync(CancellationToken ct)
    {
        _refused.Clear();
        var now = time.GetUtcNow();
        foreach (var standing in await ledger.SaveAsync(now + retention.MemoryOfClients, now, ct))
        {
            _results[standing.Seq] = standing;
        }
    }

    /// <param name="part">Mutations of one group, or of none.</param>
    /// <param name="ct">Cancels what has not been handed to the store.</param>
    public async Task RunAsync(IReadOnlyList<PushedMutation> part, CancellationToken ct)
    {
        var open = new List<(PushedMutation Mutation, RecordKey Key)>();
        foreach (var mutation in part)
        {
            if (await FindRecordAsync(mutation, ct) is { } key)
            {
                open.Add((mutation, key));
            }
        }

        await LoadAsync(open, ct);
        var isGroup = part[0].Group is not null;
        if (isGroup && !CheckGroup(part, open))
        {
            return;
        }

        var start = time.GetTimestamp();
        while (open.Count > 0 && time.GetElapsedTime(start) < ChangeRecord.Patience)
        {
            open = isGroup ? await TryTogetherAsync(open, ct) : await TryEachAsync(open, ct);
        }

        foreach (var (mutation, key) in open)
        {
            _contended.Add(key);
            _results[mutation.Seq] = new MutationResult(mutation.Seq, MutationStatus.Retry);
        }
    }

    /// <summary>Plans each mutation and writes what can be written; returns those whose record was written by others meanwhile.</summary>
    private async Task<List<(PushedMutation Mutation, RecordKey Key)>> TryEachAsync(
        List<(PushedMutation Mutation, RecordKey Key)> open, CancellationToken ct)
    {
        var planned = new List<Attempt>();
        foreach (var (mutation, key) in open)
        {
            if (_contended.Contains(key))
            {
                _results[mutation.Seq] = new MutationResult(mutation.Seq, MutationStatus.Retry);
                continue;
            }

            if (await PlanAsync(mutation, key, ct) is { } attempt)
            {
                planned.Add(attempt);
            }
        }

        if (_mustLook)
        {
            return await BeginAgainAsync(open, ct);
        }

        var lost = new HashSet<RecordKey>();
        foreach (var scope in ChangesOf(planned).GroupBy(change => change.Record.Key.Scope))
        {
            var changes = scope.ToList();
            await SaveRefusalsBeforeAsync(changes, ct);
            var outcomes = await store.WriteAllAsync(scope.Key, changes, ct);
            foreach (var (change, outcome) in changes.Zip(outcomes))
            {
                switch (outcome)
                {
                    case WriteOutcome.Written written:
                        await FinishAsync(written.Record, ct);
                        break;
                    case WriteOutcome.Conflict conflict:
                        Reset(change.Record.Key, conflict.Current);
                        lost.Add(change.Record.Key);
                        break;
                }
            }
        }

        Answer(planned.Where(attempt => !lost.Contains(attempt.Key)));
        return [.. open.Where(item => lost.Contains(item.Key) && !_results.ContainsKey(item.Mutation.Seq))];
    }

    /// <summary>Null when the mutation is answered without a write.</summary>
    private async Task<Attempt?> PlanAsync(PushedMutation mutation, RecordKey key, CancellationToken ct)
    {
        var record = _records[key];
        if (ledger.Find(mutation.Seq) is { } before)
        {
            if (record.IsAssumed && before.Status is MutationStatus.Conflict)
            {
                _mustLook = true; // the client is to get the record
                return null;
            }

            _results[mutation.Seq] = before.Status is MutationStatus.Conflict ? before with { Record = Readable(record) } : before;
            return null;
        }

        access.TryGetCollection(key.Collection, out var collection);
        var entered = collection!.CheckedFields.Count == 0 // not null: FindRecordAsync found it
            ? record.Entered
            : record.Entered with { Creates = CreatedHere() };
        var outcome = await plan.ExecuteAsync(entered, collection, record.Current, mutation, writer, ct);
        if (record.IsAssumed && outcome is not MutationPlan.Planned)
        {
            _mustLook = true; // what refuses it may be no reason for the record that there is
            return null;
        }

        switch (outcome)
        {
            case MutationPlan.Planned planned:
                record.Plan(planned.Write);
                return new Attempt(mutation, key, planned.IsWhole, planned.Stamp);
            case MutationPlan.Known { IsLast: false } when !_isLedgerFresh:
                // Or another server has refused it meanwhile, wrote that down, and then a later one into the record.
                await RefreshLedgerAsync(ct);
                return await PlanAsync(mutation, key, ct);
            case MutationPlan.Known known:
                return new Attempt(mutation, key, known.IsWhole, null);
            case MutationPlan.Refused refused:
                Refuse(refused.Result, key);
                return null;
            case MutationPlan.Failed:
                _contended.Add(key);
                _results[mutation.Seq] = new MutationResult(mutation.Seq, MutationStatus.Retry);
                return null;
            default:
                Refuse(new MutationResult(mutation.Seq, MutationStatus.Conflict) { Record = Readable(record) }, key);
                return null;
        }
    }

    /// <summary>References may lead to what earlier mutations of the request are about to create.</summary>
    private HashSet<RecordKey> CreatedHere() =>
        [.. _records.Where(pair => pair.Value is { Change: not null, Current.Deleted: false }).Select(pair => pair.Key)];

    private IEnumerable<RecordChange> ChangesOf(IEnumerable<Attempt> planned) =>
        planned.Select(attempt => attempt.Key).Distinct().Select(key => _records[key].Change).OfType<RecordChange>();

    private async Task SaveRefusalsBeforeAsync(List<RecordChange> changes, CancellationToken ct)
    {
        if (changes.Exists(change => _refused.Contains(change.Record.Key)))
        {
            await SaveRefusalsAsync(ct);
        }
    }

    private async Task FinishAsync(StoredRecord written, CancellationToken ct)
    {
        foreach (var write in _records[written.Key].Written(written))
        {
            await hooks.AfterAsync(write, written, ct);
        }
    }

    private void Answer(IEnumerable<Attempt> attempts)
    {
        foreach (var attempt in attempts)
        {
            var record = _records[attempt.Key];
            _results[attempt.Mutation.Seq] = new MutationResult(
                attempt.Mutation.Seq, attempt.IsWhole ? MutationStatus.Applied : MutationStatus.Merged)
            {
                Version = record.Current is { } current ? MergeState.VersionOf(current) : null,
                Stamp = attempt.Stamp,
                Record = attempt.IsWhole ? null : Readable(record),
            };
        }
    }

    /// <summary>What the caller may see of a record: of a deleted one, that it is.</summary>
    private StoredRecord? Readable(WorkingRecord record) =>
        record.Current is { } current && access.CanRead(record.Entered, current with { Deleted = false }) ? current : null;

    private void Refuse(MutationResult refused, RecordKey? key)
    {
        _results[refused.Seq] = refused;
        ledger.Note(refused);
        if (key is { } of)
        {
            _refused.Add(of);
        }
    }

    /// <summary>One mutation on its way.</summary>
    private sealed record Attempt(PushedMutation Mutation, RecordKey Key, bool IsWhole, HybridTimestamp? Stamp);
}
