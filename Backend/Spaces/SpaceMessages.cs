using System.Text.Json.Serialization;

namespace Backend.Spaces;

/// <param name="Name">1 to 100 characters.</param>
internal sealed record NewSpace(string Name);

/// <param name="Name">1 to 100 characters; absent to keep it.</param>
internal sealed record SpacePatch(string? Name = null);

/// <param name="Role">One that the model has.</param>
internal sealed record MemberRole(string Role);

/// <param name="To">The member who becomes the owner.</param>
internal sealed record SpaceTransfer(string To);

/// <param name="Role">What whoever comes in becomes.</param>
/// <param name="ExpiresInHours">How long it is good; a week when absent.</param>
/// <param name="Uses">How many people it lets in; one when absent.</param>
internal sealed record NewInvitation(string Role, int? ExpiresInHours = null, int? Uses = null);

/// <param name="Invitation">The token of an invitation.</param>
internal sealed record UsedInvitation(string Invitation);

/// <summary>A space as a member sees it.</summary>
/// <param name="Id">The space.</param>
/// <param name="Scope">Where its records live.</param>
/// <param name="Name">For people.</param>
/// <param name="Role">The caller's.</param>
/// <param name="Members">All members by their ids.</param>
/// <param name="CreatedAt">RFC 3339 in UTC.</param>
/// <param name="UpdatedAt">RFC 3339 in UTC; also of the members' last change.</param>
/// <param name="Etag">This version of the space and its members.</param>
internal sealed record SpaceView(
    string Id,
    string Scope,
    string Name,
    string Role,
    IReadOnlyDictionary<string, MemberView> Members,
    string CreatedAt,
    string UpdatedAt,
    string Etag);

/// <param name="Role">The member's.</param>
/// <param name="JoinedAt">RFC 3339 in UTC.</param>
internal sealed record MemberView(string Role, string JoinedAt);

/// <summary>A space in a list.</summary>
/// <param name="Id">The space.</param>
/// <param name="Scope">Where its records live.</param>
/// <param name="Name">For people.</param>
/// <param name="Role">The caller's.</param>
/// <param name="MemberCount">How many members it has.</param>
/// <param name="CreatedAt">RFC 3339 in UTC.</param>
/// <param name="UpdatedAt">RFC 3339 in UTC.</param>
/// <param name="Etag">This version of the space and its members.</param>
internal sealed record SpaceSummary(
    string Id, string Scope, string Name, string Role, int MemberCount, string CreatedAt, string UpdatedAt, string Etag);

/// <param name="Items">In the order in which the spaces were made.</param>
/// <param name="Next">Always null: a user's spaces fit in one page.</param>
internal sealed record SpaceList(
    IReadOnlyList<SpaceSummary> Items, [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? Next = null);

/// <param name="Id">The invitation.</param>
/// <param name="Role">What whoever comes in becomes.</param>
/// <param name="CreatedBy">Who made it.</param>
/// <param name="CreatedAt">RFC 3339 in UTC.</param>
/// <param name="ExpiresAt">RFC 3339 in UTC.</param>
/// <param name="Uses">How many people it lets in.</param>
/// <param name="UsedBy">Whom it let in.</param>
/// <param name="Token">What lets people in, secret; only in the answer that makes the invitation.</param>
internal sealed record InvitationView(
    string Id,
    string Role,
    string CreatedBy,
    string CreatedAt,
    string ExpiresAt,
    int Uses,
    IReadOnlyList<string> UsedBy,
    string? Token = null);

/// <param name="Items">The oldest first.</param>
/// <param name="Next">Always null: a space's invitations fit in one page.</param>
internal sealed record InvitationList(
    IReadOnlyList<InvitationView> Items, [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? Next = null);

[JsonSerializable(typeof(NewSpace))]
[JsonSerializable(typeof(SpacePatch))]
[JsonSerializable(typeof(MemberRole))]
[JsonSerializable(typeof(SpaceTransfer))]
[JsonSerializable(typeof(NewInvitation))]
[JsonSerializable(typeof(UsedInvitation))]
[JsonSerializable(typeof(SpaceView))]
[JsonSerializable(typeof(SpaceList))]
[JsonSerializable(typeof(InvitationView))]
[JsonSerializable(typeof(InvitationList))]
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    AllowDuplicateProperties = false,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true)]
internal sealed partial class SpaceMessagesJsonContext : JsonSerializerContext;
