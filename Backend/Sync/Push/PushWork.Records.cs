using System.Runtime.InteropServices;
using Backend.Http;
using Backend.Merging;
using Backend.Model;
using Backend.Records;

namespace Backend.Sync.Push;

/// <remarks>Which records the mutations mean, and what these are.</remarks>
internal sealed partial class PushWork
{
    /// <summary>Which record a mutation means; null when it is answered already.</summary>
    private async ValueTask<WorkingRecord?> FindRecordAsync(PushedMutation mutation, CancellationToken ct)
    {
        if (mutation.Errors.Count > 0)
        {
            return Refuse(new RecordOutcome.Invalid(mutation.Errors));
        }

        if (!access.TryGetCollection(mutation.Collection, out var collection))
        {
            return await AnswerOutsideAsync(new RecordOutcome.CollectionNotFound(mutation.Collection));
        }

        if (!_entered.TryGetValue((collection.Name, mutation.Scope), out var entered))
        {
            entered = await access.ResolveAsync(caller, collection, mutation.Scope, ct);
            _entered[(collection.Name, mutation.Scope)] = entered;
        }

        if (entered is null)
        {
            return await AnswerOutsideAsync(new RecordOutcome.ScopeNotFound(mutation.Scope));
        }

        var key = new RecordKey(entered.Scope, collection.Name, mutation.Id);
        ref var record = ref CollectionsMarshal.GetValueRefOrAddDefault(_records, key, out _);
        return record ??= new WorkingRecord(key, collection, entered); // LoadAsync reads it, together with the others

        async ValueTask<WorkingRecord?> AnswerOutsideAsync(RecordOutcome outcome)
        {
            if (await FindKnownAsync(mutation, ct) is not { } known)
            {
                return Refuse(outcome);
            }

            _results[mutation.Seq] = known;
            return null;
        }

        WorkingRecord? Refuse(RecordOutcome outcome)
        {
            // It may have been taken when it was sent first; then nobody can tell by now.
            this.Refuse(
                mutation.IsForgotten(retention, time)
                    ? MutationResult.Rejected(mutation.Seq, Problems.OutcomeUnknown())
                    : MutationResult.Rejected(mutation.Seq, outcome),
                null);
            return null;
        }
    }

    /// <summary>
    /// Who is no longer let in may send again what was taken while they were, and a server that does not know a collection may be sent
    /// what another has taken that does: that has its effect, and is told so. Nothing of the record is.
    /// </summary>
    private async Task<MutationResult?> FindKnownAsync(PushedMutation mutation, CancellationToken ct)
    {
        // A name that no model can have is none that another server knows, and no store takes it.
        var record = ModelNames.IsName(mutation.Collection) && Scope.TryParse(mutation.Scope ?? Scope.ForUser(caller.Id).Value, out var scope)
            ? await store.FindAsync(new RecordKey(scope, mutation.Collection, mutation.Id), ct)
            : null;
        if (record is null || mutation.IsForgotten(retention, time)
            || !MergeState.Of(record).Writers.TryGetValue(writer, out var entry) || mutation.Seq > entry.Seq)
        {
            return null;
        }

        await RefreshLedgerAsync(ct);
        return ledger.Find(mutation.Seq) is null
            ? new MutationResult(mutation.Seq, MutationStatus.Applied) { Version = entry.Version }
            : null;
    }

    /// <summary>
    /// Reads the records that this request has not read yet. One that its client puts for the first time, and has never seen, is
    /// taken to be new without a look.
    /// </summary>
    private Task LoadAsync(List<OpenMutation> open, CancellationToken ct)
    {
        var unknown = new HashSet<WorkingRecord>();
        foreach (var (mutation, record) in open)
        {
            if (record.IsLoaded || unknown.Contains(record))
            {
                continue;
            }

            if (mutation is { Op: MutationOp.Put, SentAt: null } && mutation.Base == HybridTimestamp.Zero)
            {
                record.Assume();
            }
            else
            {
                unknown.Add(record);
            }
        }

        return ReadAsync(unknown, ct);
    }

    /// <summary>Reads what was taken to be new, and forgets what was planned; returns what is to be planned again.</summary>
    private async Task<List<OpenMutation>> BeginAgainAsync(
        List<OpenMutation> open, CancellationToken ct)
    {
        ResetAll(open);
        await ReadAsync(open.Select(item => item.Record).Where(record => record.IsAssumed).ToHashSet(), ct);
        _mustLook = false;
        return [.. open.Where(item => !_results.ContainsKey(item.Mutation.Seq))];
    }

    private async Task ReadAsync(HashSet<WorkingRecord> records, CancellationToken ct)
    {
        foreach (var group in records.GroupBy(record => (record.Key.Scope, record.Key.Collection)))
        {
            var ids = group.Select(record => record.Key.Id).ToList();
            var found = (await store.FindManyAsync(group.Key.Scope, group.Key.Collection, ids, ct)).ToDictionary(record => record.Key);
            foreach (var record in group)
            {
                Reset(record, found.GetValueOrDefault(record.Key));
            }
        }
    }

    private void Reset(WorkingRecord record, StoredRecord? stored)
    {
        record.Reset(stored);
        _isLedgerFresh = false;
    }

    private Task RefreshLedgerAsync(CancellationToken ct)
    {
        _isLedgerFresh = true;
        return ledger.RefreshAsync(ct);
    }
}
