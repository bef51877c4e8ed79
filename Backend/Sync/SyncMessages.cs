using System.Text.Json;
using System.Text.Json.Serialization;

namespace Backend.Sync;

/// <summary>
/// What a client asks for in one exchange: to take its queue, to tell what changed, or both. For the OpenAPI description;
/// <see cref="SyncJson"/> reads it.
/// </summary>
internal sealed record SyncRequest
{
    /// <summary>
    /// The installation that syncs, of one user; 1 to 64 letters, digits, hyphens and underscores. Needed to push.
    /// </summary>
    public string? Client { get; init; }

    /// <summary>The version of the model that the client was written for.</summary>
    public int? Schema { get; init; }

    /// <summary>Queued mutations, in the order in which they were made; see <see cref="MutationMessage"/>.</summary>
    public IReadOnlyList<JsonElement>? Push { get; init; }

    /// <summary>What to read; after the mutations were applied.</summary>
    public IReadOnlyList<PullRequest?>? Pull { get; init; }

    /// <summary>At most this many records of each pull.</summary>
    public int? Limit { get; init; }
}

/// <param name="Scope">The scope to read, for example <c>user/alice</c>.</param>
/// <param name="Cursor">Where the last pull of this scope ended; null for the beginning.</param>
/// <param name="Collections">The collections to read; all when absent. A cursor is good for the same ones only.</param>
/// <param name="Checksum">Whether to say, when nothing more is to come, what the client should have by now.</param>
internal sealed record PullRequest(
    string Scope, string? Cursor = null, IReadOnlyList<string>? Collections = null, bool Checksum = false);

/// <summary>
/// A mutation on the wire. It is read by hand, here and by <see cref="Push.PushedMutation"/>, since one that makes no sense must not
/// hold up the others.
/// </summary>
/// <param name="Seq">The client's own number: greater than that of every mutation that it made before.</param>
/// <param name="Op"><c>put</c>, <c>patch</c> or <c>delete</c>.</param>
/// <param name="Collection">The collection's name.</param>
/// <param name="Id">The record.</param>
/// <param name="Scope">The record's scope; the collection's default one when absent.</param>
/// <param name="Fields">For <c>put</c> all fields, for <c>patch</c> those that change; atomic operations where they can stand.</param>
/// <param name="Stamp">When it was made, by the client's hybrid logical clock: 16 hexadecimal digits. The server's time when absent.</param>
/// <param name="Base">The <c>$version</c> of the record that the client had; sixteen zeros for none.</param>
/// <param name="Group">Adjacent mutations of one scope with the same group are applied all or none.</param>
/// <param name="SentAt">When it was first sent, if this is not the first time, by the server's time as far as the client knows it.</param>
internal sealed record MutationMessage(
    long Seq, string Op, string Collection, string Id, string? Scope = null, JsonElement? Fields = null, string? Stamp = null,
    string? Base = null, string? Group = null, DateTimeOffset? SentAt = null);

[JsonSerializable(typeof(SyncRequest))]
[JsonSerializable(typeof(SyncAnswer))]
[JsonSerializable(typeof(MutationMessage))]
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    AllowDuplicateProperties = false,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true)]
internal sealed partial class SyncJsonContext : JsonSerializerContext;
