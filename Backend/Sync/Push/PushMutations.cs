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
    /// <param name="part">Which part of which batch they are; null for a push by itself.</param>
    /// <returns>What became of each, in the same order.</returns>
    public async Task<IReadOnlyList<MutationResult>> ExecuteAsync(
        Caller caller, string client, IReadOnlyList<PushedMutation> push, CancellationToken ct, PartOfBatch? part = null)
    {
        // A message that comes twice at once is taken one after the other: the second finds what the first was told.
        using var turn = await turns.TakeAsync(caller, client, ct);
        var ledger = await RefusalLedger.OpenAsync(store, caller, client, part?.Acknowledged ?? (push[0].Seq - 1), ct);
        var now = time.GetUtcNow();
        if (ledger.IsHeldFrom(part?.Batch, now))
        {
            return [.. push.Select(static mutation => new MutationResult(mutation.Seq, MutationStatus.Retry))];
        }

        if (part is not null)
        {
            ledger.HoldFor(part.Batch, now + PartOfBatch.Patience);
            await ledger.SaveAsync(now + retention.MemoryOfClients, now, ct);
        }

        var work = new PushWork(access, plan, hooks, store, retention, time, ledger, options.Value.MaxBatchBytes, caller,
            Writer.Of(caller.Id, client));
        foreach (var piece in Parts(push))
        {
            await work.RunAsync(piece, ct);
        }

        await work.SaveRefusalsAsync(ct);
        return [.. push.Select(mutation => work.ResultOf(mutation.Seq))];
    }

    /// <summary>Lets the client push by itself again after a batch.</summary>
    public async Task ReleaseAsync(Caller caller, string client, string batch, CancellationToken ct)
    {
        using var turn = await turns.TakeAsync(caller, client, ct);
        var ledger = await RefusalLedger.OpenAsync(store, caller, client, 0, ct);
        var now = time.GetUtcNow();
        ledger.Release(batch);
        await ledger.SaveAsync(now + retention.MemoryOfClients, now, ct);
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

/// <param name="Batch">The batch that these mutations are a part of.</param>
/// <param name="Acknowledged">The number up to which nothing of the batch will come again.</param>
internal sealed record PartOfBatch(string Batch, long Acknowledged)
{
    /// <summary>How long a batch that says nothing any more has the client's own pushes wait.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromHours(1);
}
