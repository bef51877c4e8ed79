using Backend.Hooks;
using Backend.Http;
using Backend.Security;
using Microsoft.Extensions.Options;

namespace Backend.Records;

/// <summary>Carries out several writes of one scope, all or none.</summary>
internal sealed class ApplyBatch(
    PlanBatch plan,
    PlanCreate creates,
    RecordHooks hooks,
    IRecordStore store,
    IdempotencyClaims claims,
    IOptions<RecordOptions> options,
    TimeProvider time)
{
    /// <param name="caller">Who writes.</param>
    /// <param name="request">What was sent.</param>
    /// <param name="key">The request's idempotency key; null when it has none.</param>
    /// <param name="ct">Cancels the request; a write that was handed to the store is carried out.</param>
    public async Task<BatchOutcome> ExecuteAsync(
        Caller caller, BatchRequest request, IdempotencyKey? key, CancellationToken ct)
    {
        // The claim of a key is one more change of the same transaction.
        var max = Math.Min(options.Value.MaxBatchSize, IRecordStore.MaxChanges - (key is null ? 0 : 1));
        var errors = new List<FieldError>(BatchChecks.FindErrors(request, max));
        if (errors.Count > 0)
        {
            return new BatchOutcome.Invalid(errors);
        }

        var failures = new List<(int Index, RecordOutcome Outcome)>();
        var entered = await plan.EnterAsync(caller, request, errors, failures, ct);
        if (errors.Count > 0)
        {
            return new BatchOutcome.Invalid(errors);
        }

        return entered is not null && failures.Count == 0
            ? await RunAsync(new Work(entered, [.. request.Operations.OfType<BatchOperation>()], key), ct)
            : new BatchOutcome.Refused(failures);
    }

    private async Task<BatchOutcome> RunAsync(Work work, CancellationToken ct)
    {
        // Chosen once, so that every attempt means the same records.
        var births = work.Operations.Select(operation =>
            creates.NewBirth(RecordId.TryParse(operation.Id, out var id) ? id : null)).ToList();
        work = work with { Entered = work.Entered with { Creates = CreatesOf(work, births) } };
        var start = time.GetTimestamp();
        // An id that a client has chosen is hardly ever taken: the first attempt does not look, the store would refuse.
        for (var attempt = 1; attempt == 1 || time.GetElapsedTime(start) < ChangeRecord.Patience; attempt++)
        {
            if (attempt > 2)
            {
                await Contention.PauseAsync(attempt - 2, time, ct);
            }

            if (await TryAsync(work, births, looks: attempt > 1, ct) is { } outcome)
            {
                return outcome;
            }
        }

        return new BatchOutcome.Contended();
    }

    private static HashSet<RecordKey> CreatesOf(Work work, List<Birth> births) => work.Operations.Zip(births)
        .Where(static pair => pair.First.Op == BatchOperation.Create)
        .Select(pair => new RecordKey(work.Entered.Scope, pair.First.Collection, pair.Second.Id))
        .ToHashSet();

    /// <summary>Null when somebody else wrote one of the records between the reading and the writing, or without looking.</summary>
    private async Task<BatchOutcome?> TryAsync(Work work, List<Birth> births, bool looks, CancellationToken ct)
    {
        if (await AnswerEarlierAsync(work, ct) is { } answered)
        {
            return answered;
        }

        var failures = new List<(int, RecordOutcome)>();
        var planned = new List<WritePlan.Planned>();
        var found = await plan.FindAsync(work.Entered, work.Operations.Zip(births), looks, ct);
        foreach (var (i, operation) in work.Operations.Index())
        {
            switch (await plan.ExecuteAsync(work.Entered, operation, births[i], found, ct))
            {
                case WritePlan.Refused refused:
                    failures.Add((i, refused.Outcome));
                    break;
                case WritePlan.Planned ready:
                    planned.Add(ready);
                    break;
            }
        }

        var bytes = planned.Sum(write => write.Record.Fields.Utf8.Length);
        return failures.Count > 0 && !looks ? null // all that is wrong is told at once, taken ids among it
            : failures.Count > 0 ? new BatchOutcome.Refused(failures)
            : bytes > options.Value.MaxBatchBytes ? new BatchOutcome.TooLarge(bytes, options.Value.MaxBatchBytes)
            : await StoreAsync(work, planned, births, ct);
    }

    private async Task<BatchOutcome?> StoreAsync(
        Work work, List<WritePlan.Planned> planned, List<Birth> births, CancellationToken ct)
    {
        var changes = planned.Select(write => write.Change).ToList();
        if (work.Key is { } key)
        {
            var claim = claims.New(work.Entered.Scope, key, work.Entered.Caller.Id, births.Select(birth => birth.Id), births[0].At);
            changes.Add(new RecordChange(claim, null));
        }

        if (await store.ApplyAsync(work.Entered.Scope, changes, ct) is not ApplyOutcome.Written { Records: var records })
        {
            return null;
        }

        foreach (var (write, record) in planned.Zip(records))
        {
            await hooks.AfterAsync(write.Write, record, ct);
        }

        var answer = BatchAnswer.Write(work.Operations, [.. records.Take(planned.Count)]);
        return work.Key is null
            ? new BatchOutcome.Done(answer)
            : await CompleteAsync(work, IdempotencyClaim.Read(records[^1]), answer, ct);
    }

    /// <summary>
    /// The answer to an attempt that came before, since a claim means that everything was written. When it stopped
    /// before it had an answer, that is made of the records as they are now.
    /// </summary>
    private async Task<BatchOutcome?> AnswerEarlierAsync(Work work, CancellationToken ct)
    {
        if (work.Key is not { } key || await claims.FindAsync(work.Entered.Scope, key, ct) is not { } claim)
        {
            return null;
        }

        switch (claim.AnswerTo(key))
        {
            case OnceOutcome.Answered answered:
                return new BatchOutcome.Done(answered.Answer, answered.IsReplay);
            case OnceOutcome.KeyReused:
                return new BatchOutcome.KeyReused();
        }

        var records = new List<StoredRecord?>();
        foreach (var (operation, id) in work.Operations.Zip(claim.Ids))
        {
            records.Add(await store.FindAsync(new RecordKey(work.Entered.Scope, operation.Collection, id), ct));
        }

        return await CompleteAsync(work, claim, BatchAnswer.Write(work.Operations, records), ct);
    }

    private async Task<BatchOutcome> CompleteAsync(Work work, IdempotencyClaim claim, StoredAnswer answer, CancellationToken ct)
    {
        var (stands, isReplay) = await claims.CompleteAsync(
            claim, answer, work.Operations.Select(operation => operation.Collection), ct);
        return new BatchOutcome.Done(stands, isReplay);
    }

    private sealed record Work(ScopeAccess Entered, IReadOnlyList<BatchOperation> Operations, IdempotencyKey? Key);
}
