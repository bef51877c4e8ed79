using Backend.Records;
using Backend.Security;

namespace Backend.Sync;

/// <summary>
/// Reads what changed in a scope since a cursor: the records that the caller may read, and the ids of those that were
/// deleted or may no longer be read.
/// </summary>
internal sealed class PullChanges(RecordAccess access, IRecordStore store, CursorCodec cursors)
{
    public async Task<PullOutcome> ExecuteAsync(
        Caller caller, string statedScope, string? cursor, int limit, CancellationToken ct)
    {
        if (!Scope.TryParse(statedScope, out var scope) || await access.EnterAsync(caller, scope, ct) is not { } entered)
        {
            return new PullOutcome.ScopeNotFound(statedScope);
        }

        string? position = null;
        if (cursor is not null && !cursors.TryDecode(scope, cursor, out position))
        {
            return new PullOutcome.InvalidCursor();
        }

        ChangePage page;
        try
        {
            page = await store.ReadChangesAsync(scope, position, limit, ct);
        }
        catch (ArgumentException)
        {
            // Signed by this server, but for a store that it no longer has: data were restored or moved.
            return new PullOutcome.InvalidCursor();
        }

        var readable = page.Records.ToLookup(record => access.CanRead(entered, record));
        return new PullOutcome.Pulled(new ScopeChanges(
            scope,
            page.Position is null ? null : cursors.Encode(scope, page.Position),
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
    Scope Scope, string? Cursor, bool HasMore, IReadOnlyList<StoredRecord> Records, IReadOnlyList<RecordKey> Removed);

internal abstract record PullOutcome
{
    private PullOutcome()
    {
    }

    public sealed record Pulled(ScopeChanges Changes) : PullOutcome;

    public sealed record ScopeNotFound(string Scope) : PullOutcome;

    public sealed record InvalidCursor : PullOutcome;
}
