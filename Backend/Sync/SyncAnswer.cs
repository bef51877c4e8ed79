using System.Text.Json;
using Backend.Http;

namespace Backend.Sync;

/// <summary>The shape of an exchange's answer, for the OpenAPI description; <see cref="SyncResult"/> writes it.</summary>
internal sealed record SyncAnswer(
    IReadOnlyList<SyncAnswer.ResultOfMutation> Results, IReadOnlyList<SyncAnswer.ChangesOfScope> Changes, DateTimeOffset ServerTime)
{
    /// <param name="Seq">The mutation's number.</param>
    /// <param name="Status"><c>applied</c>, <c>merged</c>, <c>conflict</c>, <c>rejected</c> or <c>retry</c>.</param>
    /// <param name="Version">The record's version that has the mutation.</param>
    /// <param name="Stamp">The stamp that it got, where that is not the one that was sent.</param>
    /// <param name="Record">The record as it is now, after <c>merged</c> and <c>conflict</c>.</param>
    /// <param name="Problem">Why it was rejected.</param>
    internal sealed record ResultOfMutation(
        long Seq, string Status, string? Version = null, string? Stamp = null, JsonElement? Record = null, MutationProblem? Problem = null);

    /// <param name="Status">The status code with which the data API would have answered.</param>
    /// <param name="Code">Stable, for programs.</param>
    /// <param name="Detail">For the developer of the client.</param>
    /// <param name="Errors">What is wrong where, within the mutation's fields.</param>
    internal sealed record MutationProblem(int Status, string Code, string Detail, IReadOnlyList<FieldError>? Errors = null);

    /// <param name="Scope">The scope that was pulled.</param>
    /// <param name="Cursor">What the next pull of this scope sends.</param>
    /// <param name="HasMore">Whether to pull again at once; a short page means nothing.</param>
    /// <param name="Records">Whole records, each with its <c>collection</c> and <c>$version</c>.</param>
    /// <param name="Removed">Records to forget: deleted, or no longer readable.</param>
    /// <param name="Revoked">True when the scope is no longer the caller's to read: forget all of it.</param>
    /// <param name="Resync">True when the cursor is worth nothing any more: forget the copy, pull from null.</param>
    /// <param name="Checksums">What the client should have by now, when asked for and nothing more is to come.</param>
    internal sealed record ChangesOfScope(
        string Scope,
        string? Cursor,
        bool HasMore,
        IReadOnlyList<JsonElement> Records,
        IReadOnlyList<Removal> Removed,
        bool Revoked = false,
        bool Resync = false,
        IReadOnlyList<Checksum>? Checksums = null);

    internal sealed record Removal(string Collection, string Id, string Version);

    /// <param name="Collection">The collection.</param>
    /// <param name="Count">How many of its records the client should have.</param>
    /// <param name="Hash">32 hexadecimal digits; see docs/sync-protocol.md.</param>
    internal sealed record Checksum(string Collection, int Count, string Hash);
}
