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

    /// <summary>Whether something would have to be told that rests on records which nobody has looked after.</summary>
    private bool _mustLook;

    /// <summary>Whether refusals were read after the records.</summary>
    private bool _isLedgerFresh;

    public MutationResult ResultOf(long seq) => _results[seq];

    public async Task SaveRefusalsAsync(CancellationToken ct)
    {
        foreach (var record in _records.Values)
        {
            record.HasNewRefusal = false;
        }

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
        var open = new List<OpenMutation>(part.Count);
        foreach (var mutation in part)
        {
            if (await FindRecordAsync(mutation, ct) is { } record)
            {
                open.Add(new OpenMutation(mutation, record));
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

        foreach (var (mutation, record) in open)
        {
            Retry(mutation, record);
        }
    }

    /// <summary>Plans each mutation and writes what can be written; returns those whose record was written by others meanwhile.</summary>
    private async Task<List<OpenMutation>> TryEachAsync(
        List<OpenMutation> open, CancellationToken ct)
    {
        var planned = new List<Attempt>(open.Count);
        foreach (var (mutation, record) in open)
        {
            if (record.IsContended)
            {
                Retry(mutation, record);
            }
            else if (await PlanAsync(mutation, record, ct) is { } attempt)
            {
                planned.Add(attempt);
            }
        }

        if (_mustLook)
        {
            return await BeginAgainAsync(open, ct);
        }

        var lost = new HashSet<WorkingRecord>();
        foreach (var scope in Changed(planned).GroupBy(record => record.Key.Scope))
        {
            var changed = scope.ToList();
            await SaveRefusalsBeforeAsync(changed, ct);
            var outcomes = await store.WriteAllAsync(scope.Key, changed.ConvertAll(ChangeOf), ct);
            foreach (var (record, outcome) in changed.Zip(outcomes))
            {
                switch (outcome)
                {
                    case WriteOutcome.Written written:
                        await FinishAsync(record, written.Record, ct);
                        break;
                    case WriteOutcome.Conflict conflict:
                        Reset(record, conflict.Current);
                        lost.Add(record);
                        break;
                }
            }
        }

        Answer(planned.Where(attempt => !lost.Contains(attempt.Record)));
        return [.. open.Where(item => lost.Contains(item.Record) && !_results.ContainsKey(item.Mutation.Seq))];
    }

    /// <summary>Null when the mutation is answered without a write.</summary>
    private async ValueTask<Attempt?> PlanAsync(PushedMutation mutation, WorkingRecord record, CancellationToken ct)
    {
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

        var entered = record.Collection.CheckedFields.Count == 0
            ? record.Entered
            : record.Entered with { Creates = CreatedHere() };
        var outcome = await plan.ExecuteAsync(entered, record.Collection, record.Current, mutation, writer, ct);
        if (record.IsAssumed && outcome is not MutationPlan.Planned)
        {
            _mustLook = true; // what refuses it may be no reason for the record that there is
            return null;
        }

        switch (outcome)
        {
            case MutationPlan.Planned planned:
                record.Plan(planned.Write);
                return new Attempt(mutation, record, planned.IsWhole, planned.Stamp);
            case MutationPlan.Known { IsLast: false } when !_isLedgerFresh:
                // Or another server has refused it meanwhile, wrote that down, and then a later one into the record.
                await RefreshLedgerAsync(ct);
                return await PlanAsync(mutation, record, ct);
            case MutationPlan.Known known:
                return new Attempt(mutation, record, known.IsWhole, null);
            case MutationPlan.Refused refused:
                Refuse(refused.Result, record);
                return null;
            case MutationPlan.Failed:
                Retry(mutation, record);
                return null;
            default:
                Refuse(new MutationResult(mutation.Seq, MutationStatus.Conflict) { Record = Readable(record) }, record);
                return null;
        }
    }

    /// <summary>References may lead to what earlier mutations of the request are about to create.</summary>
    private HashSet<RecordKey> CreatedHere() =>
        [.. _records.Where(pair => pair.Value is { Change: not null, Current.Deleted: false }).Select(pair => pair.Key)];

    /// <summary>The records with something to write, each once.</summary>
    private static IEnumerable<WorkingRecord> Changed(List<Attempt> planned) =>
        planned.Select(attempt => attempt.Record).Where(record => record.Change is not null).Distinct();

    private static RecordChange ChangeOf(WorkingRecord changed) => changed.Change!; // not null: Changed looked

    private async ValueTask SaveRefusalsBeforeAsync(List<WorkingRecord> changed, CancellationToken ct)
    {
        if (changed.Exists(record => record.HasNewRefusal))
        {
            await SaveRefusalsAsync(ct);
        }
    }

    private async ValueTask FinishAsync(WorkingRecord record, StoredRecord written, CancellationToken ct)
    {
        foreach (var write in record.Finish(written))
        {
            await hooks.AfterAsync(write, written, ct);
        }
    }

    private void Answer(IEnumerable<Attempt> attempts)
    {
        foreach (var attempt in attempts)
        {
            var record = attempt.Record;
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

    private void Refuse(MutationResult refused, WorkingRecord? record)
    {
        _results[refused.Seq] = refused;
        ledger.Note(refused);
        if (record is not null)
        {
            record.HasNewRefusal = true;
        }
    }

    private void Retry(PushedMutation mutation, WorkingRecord record)
    {
        record.IsContended = true;
        _results[mutation.Seq] = new MutationResult(mutation.Seq, MutationStatus.Retry);
    }

    /// <summary>A mutation without a result, and the record that it means.</summary>
    private readonly record struct OpenMutation(PushedMutation Mutation, WorkingRecord Record);

    /// <summary>One that is taken if its record is written.</summary>
    private readonly record struct Attempt(PushedMutation Mutation, WorkingRecord Record, bool IsWhole, HybridTimestamp? Stamp);
}
