using System.Collections.Frozen;
using System.Text.Json;
using System.Text.RegularExpressions;
using Backend.Media;
using Backend.Records;
using Backend.Rules;
using Backend.Spaces;

namespace Backend.Model;

/// <summary>What a team describes in its <c>model/</c> folder: the collections and what becomes of images.</summary>
public sealed record AppModel(
    FrozenDictionary<string, CollectionModel> Collections, FrozenDictionary<string, RenditionSpec> Presets)
{
    /// <summary>The built-in collection of media records; no file may declare it.</summary>
    public const string MediaCollection = "media";

    /// <summary>The built-in collection of spaces: one record each, in the space's own scope.</summary>
    public const string SpacesCollection = "spaces";

    /// <summary>The built-in collection of invitations, in the scope of the space that they lead to.</summary>
    public const string InvitationsCollection = "invitations";

    /// <summary>The built-in collection that tells users, in their own scopes, which spaces they are in.</summary>
    public const string MembershipsCollection = "memberships";

    /// <summary>Where media may live, and who may do what with them.</summary>
    public MediaModel Media { get; init; } = new();

    /// <summary>The roles that members of spaces can have.</summary>
    public SpaceRoles SpaceRoles { get; init; } = SpaceRoles.BuiltIn;
}

/// <summary>One collection, as its file describes it.</summary>
public sealed record CollectionModel
{
    public required string Name { get; init; }

    public string? Description { get; init; }

    /// <summary>Where its records may live: in one public scope, or in users' own scopes, in spaces, or in both.</summary>
    public required FrozenSet<ScopeKind> Scopes { get; init; }

    public required CollectionRules Rules { get; init; }

    public required FrozenDictionary<string, FieldModel> Fields { get; init; }

    /// <summary>The orders that lists can have beside that of the ids.</summary>
    public IReadOnlyList<IndexModel> Indexes { get; init; } = [];

    /// <summary>Days for which its tombstones are kept; null for <c>Records:RetentionDays</c>.</summary>
    public int? RetentionDays { get; init; }

    /// <summary>How long answers may be kept; null for what the API does without it.</summary>
    public CachePolicy? Cache { get; init; }

    /// <summary>What becomes of a mutation whose writer had not seen what others wrote.</summary>
    public MergePolicy Merge { get; init; }

    /// <summary>What becomes of a deletion and an update that did not know of each other.</summary>
    public DeletePolicy Deletes { get; init; }

    /// <summary>References and media whose targets must exist.</summary>
    public IReadOnlyList<FieldModel> CheckedFields { get; init; } = [];

    /// <summary>What filters of this collection are checked against.</summary>
    public RuleSchema Schema => new(Name, Fields);

    public bool IsPublic => Scopes.Contains(ScopeKind.Public);

    /// <summary>The scope that a request means when it names none; null when it has to name the space.</summary>
    public Scope? DefaultScope(string userId) =>
        IsPublic ? Scope.ForPublic(Name) : Scopes.Contains(ScopeKind.User) ? Scope.ForUser(userId) : null;

    /// <summary>Whether references of another collection can lead here: into the same scope, or into a public one.</summary>
    internal bool IsReachedFrom(CollectionModel other) => IsPublic || Scopes.Overlaps(other.Scopes);

    /// <summary>The kinds of scopes that records live in, as the model's files name them.</summary>
    internal IReadOnlyList<string> ScopeNames() =>
        [.. CollectionReader.Scopes.Where(kind => Scopes.Contains(kind.Value)).Select(kind => kind.Key).Order(StringComparer.Ordinal)];
}

public enum MergePolicy
{
    /// <summary>Each field by its type: the last writer wins, counters add, sets keep what is added.</summary>
    Fields,

    /// <summary>Nothing: it is a conflict, which the client resolves.</summary>
    CompareAndSet,

    /// <summary>The application's own <see cref="Merging.IRecordResolver"/> decides.</summary>
    Resolver,
}

public enum DeletePolicy
{
    /// <summary>The record stays deleted; the update is a conflict.</summary>
    DeleteWins,

    /// <summary>The record stays, or comes back, updated; the deletion is a conflict.</summary>
    UpdateWins,
}

/// <summary>One field of a collection and what its values must satisfy.</summary>
public sealed record FieldModel
{
    public required string Name { get; init; }

    public required FieldType Type { get; init; }

    public string? Description { get; init; }

    public bool Required { get; init; }

    public bool Immutable { get; init; }

    public bool ServerOnly { get; init; }

    /// <summary>Whether the collection has an index of this field alone; <see cref="CollectionModel.Indexes"/> has it.</summary>
    public bool Indexed { get; init; }

    public JsonElement? Default { get; init; }

    public decimal? Min { get; init; }

    public decimal? Max { get; init; }

    /// <summary>Characters of a string or of a set's element; bytes of a json value.</summary>
    public int? MaxLength { get; init; }

    public int? MaxItems { get; init; }

    public Regex? Pattern { get; init; }

    public IReadOnlyList<string>? Enum { get; init; }

    /// <summary>The collection that a reference points to.</summary>
    public string? Collection { get; init; }

    /// <summary>Whether what a reference or media field points to must be there and readable when a client sets it.</summary>
    public bool Checked { get; init; }

    /// <summary>Stores hold the value as ciphertext; everything above them sees it plain.</summary>
    public bool Encrypted { get; init; }
}

public enum FieldType
{
    String,

    /// <summary>A whole number of 64 bits.</summary>
    Integer,
    Number,
    Boolean,

    /// <summary>An instant, RFC 3339 on the wire, kept in UTC to the millisecond.</summary>
    Timestamp,

    /// <summary>Any JSON value, replaced or merge-patched as a whole.</summary>
    Json,

    /// <summary>The id of a record of another collection.</summary>
    Reference,

    /// <summary>The id of a media record.</summary>
    Media,

    /// <summary>A whole number that merges by adding.</summary>
    Counter,

    /// <summary>Distinct strings; concurrent additions all survive.</summary>
    Set,
}
