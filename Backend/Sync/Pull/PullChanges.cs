using System.Collections.Frozen;
using Backend.Records;
using Backend.Security;
using Microsoft.Extensions.Options;

namespace Backend.Sync.Pull;

/// <summary>
/// Reads what changed in a scope since a cursor: the records that the caller may read, and those that were deleted or may
/// no longer be read.
/// </summary>
internal sealed class PullChanges(
    RecordAccess access, IRecordStore store, CursorCodec cursors, ScopeView views, ScopeChecksums checksums, Retention retention,
    IOptions<SyncOptions> options, TimeProvider time)
{
    /// <param name="caller">Who asks.</param>
    /// <param name="request">For what.</param>
    /// <param name="limit">How much of it.</param>
    /// <param name="ct">Cancels the read.</param>
    public async Task<PullOutcome> ExecuteAsync(Caller caller, PullRequest request, PageLimit limit, CancellationToken ct)
    {
        if (!Scope.TryParse(request.Scope, out var scope))
        {
            return new PullOutcome.ScopeNotFound(request.Scope);
        }

        SyncCursor? since = null;
        if (request.Cursor is not null)
        {
            cursors.TryDecode(scope, request.Cursor, out since);
        }

        if (await access.EnterAsync(caller, scope, ct) is not { } entered)
        {
            // A cursor tells that this server let somebody in once: no secret is given away, and copies have to go.
            return since is not null
                ? new PullOutcome.Pulled(ScopeChanges.Revoked(scope))
                : new PullOutcome.ScopeNotFound(request.Scope);
        }

        if (request.Cursor is not null && since is null)
        {
            return new PullOutcome.InvalidCursor(scope);
        }

        var view = new View(entered, request.Collections?.ToFrozenSet(StringComparer.Ordinal));
        var now = time.GetUtcNow(); // before the read: what is deleted after it is no part of what the client has seen
        if (since is not null && (!IsGoodFor(view, since) || since.IsOutdated(now, retention.Days)))
        {
            return new PullOutcome.Pulled(ScopeChanges.Resync(scope));
        }

        try
        {
            var changes = await ReadAsync(view, since, limit, now, ct);
            return new PullOutcome.Pulled(
                request.Checksum && !changes.HasMore ? await CheckAsync(view, changes, now, ct) : changes);
        }
        catch (ArgumentException) when (since is not null)
        {
            // Signed by this server, but for a store that it no longer has: data were restored or moved.
            return new PullOutcome.Pulled(ScopeChanges.Resync(scope));
        }
    }

    private async Task<ScopeChanges> ReadAsync(
        View view, SyncCursor? since, PageLimit limit, DateTimeOffset now, CancellationToken ct)
    {
        var scope = view.Entered.Scope;
        var page = limit.Bytes > 0
            ? await store.ReadChangesAsync(scope, since?.Position, limit, ct)
            : new ChangePage([], since?.Position, HasMore: true); // other scopes have taken all there was
        var start = (since ?? new SyncCursor("", now, retention.Days, 0, "", IsFirst: true)) with
        {
            Model = views.Version,
            View = views.Name(view.Entered, view.Collections, views.Version),
            HasSkipped = since?.HasSkipped is true || page.Records.Any(record => views.IsUnknown(record.Key.Collection)),
        };
        // As long as there is more, deletions wait that are older than this page: the client has seen no more than before.
        var next = page.Position is not { } position ? null
            : page.HasMore ? start with { Position = position }
            : start with { Position = position, SeenAt = now, Days = retention.Days, IsFirst = false };
        var (records, removed) = (new List<StoredRecord>(page.Records.Count), new List<StoredRecord>());
        foreach (var record in page.Records)
        {
            if (!view.Includes(record.Key.Collection))
            {
                continue;
            }

            if (access.CanRead(view.Entered, record))
            {
                records.Add(record);
            }
            else if (!start.NeverHad(record.UpdatedAt))
            {
                removed.Add(record);
            }
        }

        return new ScopeChanges(scope, next is null ? null : cursors.Encode(scope, next), page.HasMore, records, removed)
        {
            Next = next,
        };
    }

    /// <summary>
    /// Adds the checksums of what the client has after these changes. What is written while they are made is added to the
    /// changes; a scope that does not come to rest gets none this time.
    /// </summary>
    private async Task<ScopeChanges> CheckAsync(View view, ScopeChanges changes, DateTimeOffset now, CancellationToken ct)
    {
        for (var attempt = 0; attempt < 3 && !changes.HasMore; attempt++)
        {
            var found = await checksums.ComputeAsync(view.Entered, view.Includes, options.Value.MaxChecksumRecords, ct);
            var since = changes.Next;
            var later = await ReadAsync(view, since, new PageLimit(options.Value.MaxPageSize, options.Value.MaxPageBytes), now, ct);
            // Not by the positions: that of Cosmos DB moves with what is written to other scopes.
            if (later is { Records.Count: 0, Removed.Count: 0, HasMore: false })
            {
                return changes with { Checksums = found };
            }

            changes = later with
            {
                Records = [.. changes.Records, .. later.Records],
                Removed = [.. changes.Removed, .. later.Removed],
            };
        }

        return changes;
    }

    private bool IsGoodFor(View view, SyncCursor since) =>
        since.View == views.Name(view.Entered, view.Collections, since.Model)
        && !(since.HasSkipped && since.Model != views.Version); // what was skipped may be known by now

    /// <summary>What a caller asks to see of a scope.</summary>
    private sealed record View(ScopeAccess Entered, FrozenSet<string>? Collections)
    {
        public bool Includes(string collection) => Collections?.Contains(collection) ?? true;
    }
}
