using Backend.Records;
using Backend.Security;

namespace Backend.Sync;

/// <summary>
/// Reads what changed in a scope since a cursor: the records that the caller may read, and the ids of those that were
/// deleted or may no longer be read.
/// </summary>
internal sealed class PullChanges(
    RecordAccess access, IRecordStore store, CursorCodec cursors, Retention retention, TimeProvider time)
{
    public async Task<PullOutcome> ExecuteAsync(
        Caller caller, string statedScope, string? cursor, int limit, CancellationToken ct)
    {
        if (!Scope.TryParse(statedScope, out var scope))
        {
            return new PullOutcome.ScopeNotFound(statedScope);
        }

        SyncCursor? since = null;
        if (cursor is not null)
        {
            cursors.TryDecode(scope, cursor, out since);
        }

        if (await access.EnterAsync(caller, scope, ct) is not { } entered)
        {
            // A cursor tells that this server let somebody in once: no secret is given away, and copies have to go.
            return since is not null
                ? new PullOutcome.Pulled(ScopeChanges.Revoked(scope))
                : new PullOutcome.ScopeNotFound(statedScope);
        }

        if (cursor is not null && since is null)
        {
            return new PullOutcome.InvalidCursor();
        }

        var now = time.GetUtcNow(); // before the read: what is deleted after it is no part of what the client has seen
        // What a role may read changes without a change of any record, so no feed would tell it.
        if (since is not null && (since.Role != entered.Context.SpaceRole || since.IsOutdated(now, retention.Days)))
        {
            return new PullOutcome.Pulled(ScopeChanges.Resync(scope));
        }

        ChangePage page;
        try
        {
            page = await store.ReadChangesAsync(scope, since?.Position, limit, ct);
        }
        catch (ArgumentException) when (since is not null)
        {
            // Signed by this server, but for a store that it no longer has: data were restored or moved.
            return new PullOutcome.Pulled(ScopeChanges.Resync(scope));
        }

        var next = page.Position is null ? null : new SyncCursor(page.Position, now, retention.Days, entered.Context.SpaceRole);
        if (next is not null && page.HasMore && since is not null)
        {
            // Behind this page wait deletions that are older than it: the client has seen no more than before.
            next = since with { Position = next.Position };
        }

        var readable = page.Records.ToLookup(record => access.CanRead(entered, record));
        return new PullOutcome.Pulled(new ScopeChanges(
            scope,
            next is null ? null : cursors.Encode(scope, next),
            page.HasMore,
            [.. readable[true]],
            [.. readable[false].Select(record => record.Key)]));
    }
}

/// <summary>One scope's part of an answer.</summary>
/// <param name="Scope">The scope.</param>
/// <param name="Cursor">What the next pull sends; null as long as nothing was ever written to the scope.</param>
/// <param name="HasMore">Whether to pull again at once.</param>
/// <param name="Records">Records to store, whole.</param>
/// <param name="Removed">Records to forget.</param>
internal sealed record ScopeChanges(
    Scope Scope, string? Cursor, bool HasMore, IReadOnlyList<StoredRecord> Records, IReadOnlyList<RecordKey> Removed)
{
    /// <summary>Whether the scope is no longer the caller's to read: the client forgets it.</summary>
    public bool IsRevoked { get; init; }

    /// <summary>Whether the cursor is worth nothing any more: the client forgets its copy and reads from the beginning.</summary>
    public bool NeedsResync { get; init; }

    public static ScopeChanges Revoked(Scope scope) => new(scope, null, HasMore: false, [], []) { IsRevoked = true };

    public static ScopeChanges Resync(Scope scope) => new(scope, null, HasMore: true, [], []) { NeedsResync = true };
}

internal abstract record PullOutcome
{
    private PullOutcome()
    {
    }

    public sealed record Pulled(ScopeChanges Changes) : PullOutcome;

    public sealed record ScopeNotFound(string Scope) : PullOutcome;

    public sealed record InvalidCursor : PullOutcome;
}
