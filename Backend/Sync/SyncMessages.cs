using System.Text.Json;
using System.Text.Json.Serialization;

namespace Backend.Sync;

/// <summary>What a client asks for in one exchange.</summary>
internal sealed record SyncRequest
{
    /// <summary>The installation that syncs; 1 to 64 letters, digits, hyphens and underscores.</summary>
    public string? Client { get; init; }

    /// <summary>The version of the model that the client was written for.</summary>
    public int? Schema { get; init; }

    /// <summary>Queued mutations. Not taken yet: anything but an empty list is refused.</summary>
    public IReadOnlyList<JsonElement>? Push { get; init; }

    public IReadOnlyList<PullRequest?>? Pull { get; init; }

    /// <summary>At most this many records of each scope.</summary>
    public int? Limit { get; init; }
}

/// <param name="Scope">The scope to read, for example <c>user/alice</c>.</param>
/// <param name="Cursor">Where the last pull of this scope ended; null for the beginning.</param>
internal sealed record PullRequest(string Scope, string? Cursor = null);

[JsonSerializable(typeof(SyncRequest))]
[JsonSerializable(typeof(SyncAnswer))]
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    AllowDuplicateProperties = false,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true)]
internal sealed partial class SyncJsonContext : JsonSerializerContext;
