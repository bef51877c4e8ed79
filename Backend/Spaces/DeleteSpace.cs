using Backend.Operations;
using Backend.Orchestrations;
using Backend.Records;
using Backend.Security;

namespace Backend.Spaces;

/// <summary>
/// Deletes a space, which lets nobody in from then on, and restores it. What removes its records for good is started
/// first and waits for as long as restoring is possible: after a crash in between it finds nothing to do.
/// </summary>
internal sealed class DeleteSpace(
    SpaceRecords spaces,
    Memberships memberships,
    IOrchestrator orchestrator,
    StartOperation operations,
    Retention retention,
    TimeProvider time)
{
    public async Task<SpaceOutcome> ExecuteAsync(Caller caller, string id, ETagCondition condition, CancellationToken ct)
    {
        var now = time.GetUtcNow();
        var deletion = RecordId.New(now).Value;
        var purgeAt = EndOf(now);
        var outcome = await spaces.ChangeAsync(
            caller, id, condition,
            (SpaceDetails before, string role, out SpaceDetails after) =>
            {
                after = before with { Deletion = deletion };
                return role is SpaceRoles.Owner ? null : new SpaceOutcome.Forbidden("delete it");
            },
            ct,
            (_, token) => orchestrator.StartAsync(
                PurgeSpace.Definition, PurgeSpace.InstanceIdOf(id, deletion), new PurgeSpaceInput(id, deletion, purgeAt), token),
            delete: true);
        if (outcome is SpaceOutcome.Done done)
        {
            await memberships.CleanUpAsync(done.Details.Members.Keys, done.Record.Key.Id);
        }

        return outcome;
    }

    /// <summary>Everything is as it was; for an owner, as long as the records are there. Of a space that is not deleted, it changes nothing.</summary>
    public async Task<SpaceOutcome> RestoreAsync(Caller caller, string id, CancellationToken ct)
    {
        if (await spaces.FindAsync(id, ct) is not { } record
            || SpaceDetails.Read(record) is not { Purging: null } details
            || details.RoleOf(caller.Id) is not { } role
            || (record.Deleted && time.GetUtcNow() >= EndOf(record.UpdatedAt)))
        {
            return new SpaceOutcome.NotFound(id);
        }

        if (!record.Deleted)
        {
            return new SpaceOutcome.Done(record, details);
        }

        if (role is not SpaceRoles.Owner)
        {
            return new SpaceOutcome.NotFound(id); // a deleted space is there for its owners only
        }

        var restored = details with { Deletion = null };
        await memberships.EnsureAllAsync(details.Members.Keys, record.Key.Id, ct);
        if (await spaces.ReplaceAsync(record, restored, deleted: false, ct) is not { } written)
        {
            return new SpaceOutcome.Contended();
        }

        await memberships.EnsureAllAsync(details.Members.Keys, record.Key.Id, ct);
        return new SpaceOutcome.Done(written, restored);
    }

    /// <summary>
    /// Removes the records of a deleted space now, so that it cannot be restored any more; for an owner. Asked again, it is the
    /// same operation.
    /// </summary>
    /// <returns>The operation's id; null when the caller owns no deleted space of that id.</returns>
    public async Task<string?> PurgeAsync(Caller caller, string id, CancellationToken ct)
    {
        if (await spaces.FindAsync(id, ct) is not { Deleted: true } record
            || SpaceDetails.Read(record) is not { Deletion: { } deletion } details
            || details.RoleOf(caller.Id) is not SpaceRoles.Owner)
        {
            return null;
        }

        // The instance that waits for the end of the retention finds nothing to do then.
        var input = new PurgeSpaceInput(id, deletion, time.GetUtcNow());
        return await operations.ExecuteAsync(
            caller.Id, PurgeSpace.Definition, $"{PurgeSpace.InstanceIdOf(id, deletion)}-now", input, ct);
    }

    /// <summary>Until when what is deleted then can be restored.</summary>
    private DateTimeOffset EndOf(DateTimeOffset deletedAt) => deletedAt.AddDays(retention.Days);
}
