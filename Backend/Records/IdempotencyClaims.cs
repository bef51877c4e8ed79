using Backend.Model;
using Microsoft.Extensions.Options;

namespace Backend.Records;

/// <summary>
/// Makes a request with a key have one effect, without a transaction over several records. Its first attempt writes a
/// claim, which names the ids to use; whoever comes with the key, first or again, creates the records under those ids if
/// they are not there yet, and then stores the answer. A crash at any point leaves a claim that the next attempt carries
/// on from. Only answers of success are kept: what was refused has changed nothing and may be tried again.
/// </summary>
internal sealed class IdempotencyClaims(AppModel model, IRecordStore store, IOptions<RecordOptions> options, TimeProvider time)
{
    public const string Collection = "$idempotency";

    /// <summary>The claim of a key in a scope; null when there is none or it has expired.</summary>
    public async Task<IdempotencyClaim?> FindAsync(Scope scope, IdempotencyKey key, CancellationToken ct) =>
        await store.FindAsync(KeyOf(scope, key), ct) is { } found ? IdempotencyClaim.Read(found) : null;

    /// <summary>A claim that is not stored yet, to be created together with what it is for, or by <see cref="TakeAsync"/>.</summary>
    /// <param name="scope">Where it is kept: attempts of one request must name the same.</param>
    /// <param name="key">The key.</param>
    /// <param name="owner">The caller's id.</param>
    /// <param name="ids">The ids that the request's records get.</param>
    /// <param name="at">The time of creation that they get.</param>
    public StoredRecord New(Scope scope, IdempotencyKey key, string owner, IEnumerable<RecordId> ids, DateTimeOffset at)
    {
        var now = time.GetUtcNow();
        return new StoredRecord
        {
            Key = KeyOf(scope, key),
            Owner = owner,
            CreatedAt = now,
            UpdatedAt = now,
            ExpiresAt = now.AddHours(options.Value.IdempotencyHours),
            Fields = IdempotencyClaim.Write(key.Request, ids, at, null),
        };
    }

    /// <summary>Stores a claim; returns it, or the one that was there first, which may be of another request.</summary>
    public async Task<IdempotencyClaim> TakeAsync(StoredRecord claim, CancellationToken ct)
    {
        while (true)
        {
            switch (await store.CreateAsync(claim, ct))
            {
                case WriteOutcome.Written written:
                    return IdempotencyClaim.Read(written.Record);
                case WriteOutcome.Conflict { Current: { } current }:
                    return IdempotencyClaim.Read(current);
            }
        }
    }

    /// <summary>
    /// Keeps the answer of a claim; returns the one that stands, which is another's when that was faster. An answer with
    /// values that must not be stored plain is not kept: it is made again of the records.
    /// </summary>
    /// <param name="claim">The claim.</param>
    /// <param name="answer">The answer.</param>
    /// <param name="collections">The collections whose records it shows.</param>
    /// <param name="ct">Cancels the write.</param>
    public async Task<OnceOutcome.Answered> CompleteAsync(
        IdempotencyClaim claim, StoredAnswer answer, IEnumerable<string> collections, CancellationToken ct)
    {
        if (collections.Any(name => model.Collections[name].Fields.Values.Any(static field => field.Encrypted)))
        {
            return new OnceOutcome.Answered(answer, IsReplay: false);
        }

        var fields = IdempotencyClaim.Write(claim.Request, claim.Ids, claim.Birth.At, answer);
        var stored = claim.Stored with { Fields = fields, UpdatedAt = time.GetUtcNow() };
        return await store.ReplaceAsync(stored, claim.Stored.ETag, ct) is WriteOutcome.Conflict { Current: { } current }
            && IdempotencyClaim.Read(current).Answer is { } first
            ? new OnceOutcome.Answered(first, IsReplay: true)
            : new OnceOutcome.Answered(answer, IsReplay: false);
    }

    /// <summary>Gives up a claim whose request was refused in the end.</summary>
    public Task ReleaseAsync(IdempotencyClaim claim, CancellationToken ct) =>
        store.ReplaceAsync(claim.Stored with { ExpiresAt = time.GetUtcNow() }, claim.Stored.ETag, ct);

    private static RecordKey KeyOf(Scope scope, IdempotencyKey key) => new(scope, Collection, key.Claim);
}
