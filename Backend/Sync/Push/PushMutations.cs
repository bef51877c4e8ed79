using Backend.Hooks;
using Backend.Merging;
using Backend.Records;
using Backend.Security;
using Microsoft.Extensions.Options;

namespace Backend.Sync.Push;

/// <summary>
/// Takes a client's mutations, in their order. Each record is written once for all its mutations, under the condition that
/// it is as it was read, and carries what it has received: that makes every mutation have its effect exactly once, however
/// often it is sent, without a transaction.
/// </summary>
internal sealed class PushMutations(
    RecordAccess access, PlanMutation plan, RecordHooks hooks, IRecordStore store, ClientTurns turns, Retention retention,
    IOptions<RecordOptions> options, TimeProvider time)
{
    /// <param name="caller">Whose mutations they are.</param>
    /// <param name="client">The installation that made them.</param>
    /// <param name="push">In ascending order of their numbers; one or more.</param>
    /// <param name="ct">Cancels what has not been handed to the store.</param>
    /// <returns>What became of each, in the same order.</returns>
    public async Task<IReadOnlyList<MutationResult>> ExecuteAsync(
        Caller caller, string client, IReadOnlyList<PushedMutation> push, CancellationToken ct)
    {
        // A message that comes twice at once is taken one after the other: the second finds what the first was told.
        using var turn = await turns.TakeAsync(caller, client, ct);
        var ledger = await RefusalLedger.OpenAsync(store, caller, client, push[0].Seq - 1, ct);
        var work = new PushWork(access, plan, hooks, store, retention, time, ledger, options.Value.MaxBatchBytes, caller,
            Writer.Of(caller.Id, client));
        foreach (var part in Parts(push))
        {
            await work.RunAsync(part, ct);
        }

        await work.SaveRefusalsAsync(ct);
        return [.. push.Select(mutation => work.ResultOf(mutation.Seq))];
    }

    /// <summary>Groups, and what is between them, in pieces that the store takes at once.</summary>
    private static IEnumerable<IReadOnlyList<PushedMutation>> Parts(IReadOnlyList<PushedMutation> push)
    {
        var part = new List<PushedMutation>();
        foreach (var mutation in push)
        {
            if (part.Count > 0
                && (part[0].Group != mutation.Group || (mutation.Group is null && part.Count >= IRecordStore.MaxWrites)))
            {
                yield return part;
                part = [];
            }

            part.Add(mutation);
        }

        yield return part;
    }
}
