namespace Backend.Sync;

/// <summary>What a client's cursor says.</summary>
/// <param name="Position">Where the store's next page starts.</param>
/// <param name="SeenAt">
/// The server's time to which the client has seen everything: when the answer was read that ended without more to come.
/// </param>
/// <param name="Days">For how many days it was issued.</param>
/// <param name="Role">The role, within a space, for which everything before was read; null outside spaces.</param>
internal sealed record SyncCursor(string Position, DateTimeOffset SeenAt, int Days, string? Role = null)
{
    /// <summary>
    /// Whether deletions that the client has not seen may be purged. By the retention of then and of now, since either
    /// may have been the one that tombstones got.
    /// </summary>
    public bool IsOutdated(DateTimeOffset now, int days) => now - SeenAt > TimeSpan.FromDays(Math.Min(Days, days));
}
