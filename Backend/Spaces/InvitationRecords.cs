using Backend.Model;
using Backend.Records;
using Backend.Rules;

namespace Backend.Spaces;

/// <summary>Invitations in the record store, in the scope of their space. A revoked one is a tombstone that keeps its fields.</summary>
internal sealed class InvitationRecords(IRecordStore store, Retention retention, TimeProvider time)
{
    private const int PageSize = 200;

    public async Task<StoredRecord?> FindAsync(Scope space, string id, CancellationToken ct) =>
        RecordId.TryParse(id, out var recordId) ? await store.FindAsync(KeyOf(space, recordId), ct) : null;

    /// <summary>All that were not revoked, the oldest first.</summary>
    public async Task<IReadOnlyList<StoredRecord>> ListAsync(Scope space, CancellationToken ct)
    {
        var found = new List<StoredRecord>();
        RecordPage? page = null;
        do
        {
            page = await store.QueryAsync(
                new RecordQuery
                {
                    Scope = space,
                    Collection = AppModel.InvitationsCollection,
                    Read = Rule.Always,
                    Context = new RuleContext { Now = time.GetUtcNow() },
                    After = page?.Last,
                    Limit = PageSize,
                },
                ct);
            found.AddRange(page.Records);
        }
        while (page.HasMore);

        return found;
    }

    public async Task<StoredRecord> CreateAsync(Scope space, string owner, InvitationDetails details, CancellationToken ct)
    {
        var now = time.GetUtcNow();
        var record = new StoredRecord
        {
            Key = KeyOf(space, RecordId.New(now)),
            Owner = owner,
            CreatedAt = now,
            UpdatedAt = now,
            Fields = details.ToFields(),
        };
        return await store.CreateAsync(record, ct) is WriteOutcome.Written written
            ? written.Record
            : throw new InvalidOperationException($"The new id {record.Key} is taken");
    }

    /// <summary>Whether this call wrote it; false when somebody else wrote the record since it was read.</summary>
    public async Task<bool> ReplaceAsync(StoredRecord read, InvitationDetails details, CancellationToken ct) =>
        await store.ReplaceAsync(read with { UpdatedAt = time.GetUtcNow(), Fields = details.ToFields() }, read.ETag, ct)
            is WriteOutcome.Written;

    /// <summary>Revokes it, if it is not yet.</summary>
    public async Task DeleteAsync(StoredRecord read, CancellationToken ct)
    {
        StoredRecord? current = read;
        while (current is { Deleted: false })
        {
            var outcome = await store.ReplaceAsync(retention.TombstoneOf(current, time.GetUtcNow()), current.ETag, ct);
            current = (outcome as WriteOutcome.Conflict)?.Current;
        }
    }

    /// <summary>Notes that the invitation is no way back for a user who is about to be taken out of the space.</summary>
    public async Task EndUseAsync(Scope space, string id, string user, CancellationToken ct)
    {
        while (await FindAsync(space, id, ct) is { } record
            && InvitationDetails.Read(record) is var details
            && details.UsedBy.TryGetValue(user, out var use) && use.Ended is not true
            && !await ReplaceAsync(record, details.With(user, use with { Ended = true }), ct))
        {
            // Somebody else used it meanwhile; once more.
        }
    }

    private static RecordKey KeyOf(Scope space, RecordId id) => new(space, AppModel.InvitationsCollection, id);
}
