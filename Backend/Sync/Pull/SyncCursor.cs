namespace Backend.Sync.Pull;

/// <summary>What a client's cursor says.</summary>
/// <param name="Position">Where the store's next page starts.</param>
/// <param name="SeenAt">
/// The server's time to which the client has seen everything: when the answer was read that ended without more to come. As
/// long as there was none, the time of the first page.
/// </param>
/// <param name="Days">For how many days it was issued.</param>
/// <param name="Model">The version of the model that the server had.</param>
/// <param name="View">For which part of the scope, as of that version: see <see cref="ScopeView"/>.</param>
/// <param name="IsFirst">Whether the client has not yet come to the end for the first time.</param>
/// <param name="HasSkipped">
/// Whether the pages had records of a collection that the server's model never had: another server has a later one already.
/// </param>
internal sealed record SyncCursor(string Position, DateTimeOffset SeenAt, int Days, int Model, string View, bool IsFirst, bool HasSkipped = false)
{
    /// <summary>What was written that long before a first page cannot have been seen otherwise by a client, whichever server's clock told the time.</summary>
    private static readonly TimeSpan ClockGrace = TimeSpan.FromDays(1);

    /// <summary>
    /// Whether deletions that the client has not seen may be purged. By the retention of then and of now, since either
    /// may have been the one that tombstones got.
    /// </summary>
    public bool IsOutdated(DateTimeOffset now, int days) => now - SeenAt > TimeSpan.FromDays(Math.Min(Days, days));

    /// <summary>Whether a client that has this cursor never had what a record was before it was written at an instant.</summary>
    public bool NeverHad(DateTimeOffset writtenAt) => IsFirst && writtenAt < SeenAt - ClockGrace;
}
