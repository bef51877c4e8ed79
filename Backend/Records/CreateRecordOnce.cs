using System.Diagnostics;
using Backend.Security;

namespace Backend.Records;

/// <summary>Adds a record for a request with an idempotency key: however often it comes, the record is created once.</summary>
internal sealed class CreateRecordOnce(PlanCreate plan, CreateRecord create, IdempotencyClaims claims)
{
    public async Task<OnceOutcome> ExecuteAsync(
        Caller caller, CreateRequest request, IdempotencyKey key, CancellationToken ct)
    {
        // In the caller's own scope, whatever the record's is: one key means one request.
        var home = Scope.ForUser(caller.Id);
        var claim = await claims.FindAsync(home, key, ct);
        while (true)
        {
            if (claim?.AnswerTo(key) is { } answered)
            {
                return answered;
            }

            // Before the claim: what is refused shall not use up the key.
            switch (await plan.ExecuteAsync(caller, request, claim?.Birth, ct))
            {
                case WritePlan.Refused refused:
                    return new OnceOutcome.Failed(refused.Outcome);
                case WritePlan.Planned planned:
                    claim ??= await claims.TakeAsync(
                        claims.New(home, key, caller.Id, [planned.Record.Key.Id], planned.Record.CreatedAt), ct);
                    if (claim.AnswerTo(key) is null && claim.Created(planned.Record))
                    {
                        return await CarryOutAsync(planned, claim, ct);
                    }

                    break; // another attempt was faster: its answer, or its id
                default:
                    throw new UnreachableException();
            }
        }
    }

    private async Task<OnceOutcome> CarryOutAsync(WritePlan.Planned planned, IdempotencyClaim claim, CancellationToken ct)
    {
        var outcome = await create.StoreAsync(planned, claim.Created, ct);
        if (outcome is RecordOutcome.Created created)
        {
            return await claims.CompleteAsync(claim, StoredAnswer.Of(created.Record), [created.Record.Key.Collection], ct);
        }

        await claims.ReleaseAsync(claim, ct);
        return new OnceOutcome.Failed(outcome);
    }
}
