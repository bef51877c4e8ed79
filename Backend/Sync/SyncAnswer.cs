using System.Text.Json;

namespace Backend.Sync;

/// <summary>The shape of an exchange's answer, for the OpenAPI description; <see cref="SyncResult"/> writes it.</summary>
internal sealed record SyncAnswer(
    IReadOnlyList<JsonElement> Results, IReadOnlyList<SyncAnswer.ChangesOfScope> Changes, DateTimeOffset ServerTime)
{
    /// <param name="Scope">The scope that was pulled.</param>
    /// <param name="Cursor">What the next pull of this scope sends.</param>
    /// <param name="HasMore">Whether to pull again at once; a short page means nothing.</param>
    /// <param name="Records">Whole records, each with its <c>collection</c>.</param>
    /// <param name="Removed">Records to forget: deleted, or no longer readable.</param>
    /// <param name="Revoked">True when the scope is no longer the caller's to read: forget all of it.</param>
    /// <param name="Resync">True when the cursor is worth nothing any more: forget the copy, pull from null.</param>
    internal sealed record ChangesOfScope(
        string Scope,
        string? Cursor,
        bool HasMore,
        IReadOnlyList<JsonElement> Records,
        IReadOnlyList<Removal> Removed,
        bool Revoked = false,
        bool Resync = false);

    internal sealed record Removal(string Collection, string Id);
}
