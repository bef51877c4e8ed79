using System.Buffers;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Backend.Http;
using Backend.Records;

namespace Backend.Spaces;

/// <summary>
/// The fields of a space's record, as sync serves them to members. All members are in this one record, so a single
/// conditional write decides who is in and keeps an owner there.
/// </summary>
internal sealed record SpaceDetails
{
    public required string Name { get; init; }

    /// <summary>By the user's id.</summary>
    public required IReadOnlyDictionary<string, SpaceMember> Members { get; init; }

    /// <summary>Which deletion this is, of a deleted space: what was started for another one leaves it alone.</summary>
    public string? Deletion { get; init; }

    /// <summary>Whether its records are being removed, after which it cannot be restored.</summary>
    public bool? Purging { get; init; }

    public static SpaceDetails Read(StoredRecord record) =>
        record.Fields.Element.Deserialize(SpaceJsonContext.Default.SpaceDetails)
        ?? throw new InvalidDataException($"The space {record.Key} has no fields");

    public RecordFields ToFields() => SpaceJson.ToFields(this, SpaceJsonContext.Default.SpaceDetails);

    /// <summary>Null when the user is no member.</summary>
    public string? RoleOf(string user) => Members.TryGetValue(user, out var member) ? member.Role : null;

    public bool IsLastOwner(string user) =>
        RoleOf(user) is SpaceRoles.Owner && Members.Values.Count(member => member.Role is SpaceRoles.Owner) == 1;

    public SpaceDetails With(string user, SpaceMember member) => this with
    {
        Members = new Dictionary<string, SpaceMember>(Members, StringComparer.Ordinal) { [user] = member },
    };

    /// <summary>The same when the user has that role already.</summary>
    public SpaceDetails WithRole(string user, string role) =>
        Members[user].Role == role ? this : With(user, Members[user] with { Role = role });

    public SpaceDetails Without(string user) => this with
    {
        Members = Members.Where(member => member.Key != user).ToDictionary(StringComparer.Ordinal),
    };
}

/// <param name="Role">What rules read as <c>space.role</c>.</param>
/// <param name="JoinedAt">RFC 3339 in UTC.</param>
/// <param name="Invitation">The invitation that let the member in; null for who made the space.</param>
internal sealed record SpaceMember(string Role, string JoinedAt, string? Invitation = null);

internal static class SpaceJson
{
    public static RecordFields ToFields<T>(T details, JsonTypeInfo<T> type)
    {
        var buffer = new ArrayBufferWriter<byte>(256);
        using (var writer = new Utf8JsonWriter(buffer, JsonText.WriterOptions))
        {
            JsonSerializer.Serialize(writer, details, type);
        }

        return new RecordFields(buffer.WrittenMemory);
    }
}

[JsonSerializable(typeof(SpaceDetails))]
[JsonSerializable(typeof(InvitationDetails))]
[JsonSerializable(typeof(MembershipDetails))]
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
internal sealed partial class SpaceJsonContext : JsonSerializerContext;
