using Backend.Http;
using Backend.Records;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Backend.Sync.Push;

/// <remarks>Groups: all of their mutations, or none.</remarks>
internal sealed partial class PushWork
{
    /// <summary>The same for a group: all of it, or nothing.</summary>
    private async Task<List<OpenMutation>> TryTogetherAsync(
        List<OpenMutation> open, CancellationToken ct)
    {
        var planned = new List<Attempt>(open.Count);
        foreach (var (mutation, record) in open)
        {
            if (record.IsContended)
            {
                Give(open, seq => new MutationResult(seq, MutationStatus.Retry));
                return [];
            }

            if (await PlanAsync(mutation, record, ct) is { } attempt)
            {
                planned.Add(attempt);
            }
            else if (_mustLook)
            {
                return await BeginAgainAsync(open, ct);
            }
            else
            {
                ResetAll(open);
                Give(open, seq => _results[mutation.Seq].IsRefused
                    ? MutationResult.Rejected(seq, WhyTheOthers(mutation.Seq))
                    : new MutationResult(seq, MutationStatus.Retry));
                return [];
            }
        }

        var changed = Changed(planned).ToList();
        var changes = changed.ConvertAll(ChangeOf);
        if (changes.Sum(change => (long)change.Record.Fields.Utf8.Length) > maxGroupBytes)
        {
            ResetAll(open);
            Give(open, seq => MutationResult.Rejected(seq, Problems.GroupTooLarge(maxGroupBytes, "bytes of fields")));
            return [];
        }

        if (changes.Count > 0)
        {
            await SaveRefusalsBeforeAsync(changed, ct);
            switch (await store.ApplyAsync(changes[0].Record.Key.Scope, changes, ct))
            {
                case ApplyOutcome.Conflict conflict:
                    ResetAll(open);
                    Reset(changed[conflict.Index], conflict.Current);
                    return open;
                case ApplyOutcome.Written written:
                    foreach (var (record, stored) in changed.Zip(written.Records))
                    {
                        await FinishAsync(record, stored, ct);
                    }

                    break;
            }
        }

        Answer(planned);
        return [];
    }

    /// <summary>What a group must be, beside what each of its mutations must be.</summary>
    private bool CheckGroup(IReadOnlyList<PushedMutation> part, List<OpenMutation> open)
    {
        var problem =
            open.Count < part.Count ? WhyTheOthers(part.First(mutation => _results.ContainsKey(mutation.Seq)).Seq)
            : open.Select(item => item.Record.Key.Scope).Distinct().Count() > 1 ? Problems.GroupOfScopes()
            : open.Select(item => item.Record).Distinct().Count() > IRecordStore.MaxChanges ? Problems.GroupTooLarge(IRecordStore.MaxChanges, "records")
            : null;
        if (problem is not null)
        {
            Give(open, seq => MutationResult.Rejected(seq, problem));
        }

        return problem is null;
    }

    /// <summary>What is told of a group's other mutations. If nobody knows what became of one, nobody knows it of them.</summary>
    private ProblemHttpResult WhyTheOthers(long refused) =>
        _results[refused].Problem?.Code == Problems.OutcomeUnknownCode ? Problems.OutcomeUnknown() : Problems.GroupFailed(refused);

    /// <summary>Answers all of a group that are not answered yet.</summary>
    private void Give(List<OpenMutation> group, Func<long, MutationResult> answer)
    {
        foreach (var (mutation, record) in group.Where(item => !_results.ContainsKey(item.Mutation.Seq)))
        {
            var result = answer(mutation.Seq);
            if (result.IsRefused)
            {
                Refuse(result, record);
                continue;
            }

            record.IsContended = true;
            _results[mutation.Seq] = result;
        }
    }

    private static void ResetAll(List<OpenMutation> open)
    {
        foreach (var (_, record) in open)
        {
            record.Reset();
        }
    }
}
