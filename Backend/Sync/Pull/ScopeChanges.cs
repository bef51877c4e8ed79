using Backend.Records;

namespace Backend.Sync.Pull;

/// <summary>One scope's part of an answer.</summary>
/// <param name="Scope">The scope.</param>
/// <param name="Cursor">What the next pull sends; null as long as nothing was ever written to the scope.</param>
/// <param name="HasMore">Whether to pull again at once.</param>
/// <param name="Records">Records to store, whole.</param>
/// <param name="Removed">Records to forget: deleted, or no longer readable.</param>
internal sealed record ScopeChanges(
    Scope Scope, string? Cursor, bool HasMore, IReadOnlyList<StoredRecord> Records, IReadOnlyList<StoredRecord> Removed)
{
    /// <summary>What the cursor says.</summary>
    public SyncCursor? Next { get; init; }

    /// <summary>Whether the scope is no longer the caller's to read: the client forgets it.</summary>
    public bool IsRevoked { get; init; }

    /// <summary>Whether the cursor is worth nothing any more: the client forgets its copy and reads from the beginning.</summary>
    public bool NeedsResync { get; init; }

    /// <summary>What the client should have by now; null when it was not asked for, or could not be made this time.</summary>
    public IReadOnlyList<CollectionChecksum>? Checksums { get; init; }

    /// <summary>Bytes of the records' fields.</summary>
    public long Bytes => Records.Sum(record => (long)record.Fields.Utf8.Length);

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

    public sealed record InvalidCursor(Scope Scope) : PullOutcome;
}
