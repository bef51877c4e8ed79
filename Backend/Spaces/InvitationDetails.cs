using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Backend.Records;

namespace Backend.Spaces;

/// <summary>The fields of an invitation's record, as sync serves them to members who may invite.</summary>
internal sealed record InvitationDetails
{
    /// <summary>What whoever comes in becomes.</summary>
    public required string Role { get; init; }

    /// <summary>RFC 3339 in UTC.</summary>
    public required string ExpiresAt { get; init; }

    /// <summary>How many people it lets in.</summary>
    public required int Uses { get; init; }

    /// <summary>Whom it let in, by their ids: the count is exact because everybody is in it once.</summary>
    public IReadOnlyDictionary<string, InvitationUse> UsedBy { get; init; } = new Dictionary<string, InvitationUse>();

    [JsonIgnore]
    public DateTimeOffset Expiry => DateTimeOffset.Parse(ExpiresAt, CultureInfo.InvariantCulture);

    public static InvitationDetails Read(StoredRecord record) =>
        record.Fields.Element.Deserialize(SpaceJsonContext.Default.InvitationDetails)
        ?? throw new InvalidDataException($"The invitation {record.Key} has no fields");

    public RecordFields ToFields() => SpaceJson.ToFields(this, SpaceJsonContext.Default.InvitationDetails);

    /// <summary>Whether it lets a user in.</summary>
    /// <param name="user">Who comes.</param>
    /// <param name="isRevoked">Whether the record is a tombstone.</param>
    /// <param name="now">The time.</param>
    public InvitationState StateFor(string user, bool isRevoked, DateTimeOffset now)
    {
        if (now >= Expiry)
        {
            return InvitationState.Expired;
        }

        if (isRevoked)
        {
            return InvitationState.Revoked;
        }

        // Who has used it and is not in yet was cut off on the way in, and goes on; who has left needs a new one.
        return UsedBy.TryGetValue(user, out var use)
            ? use.Ended is true ? InvitationState.UsedUp : InvitationState.Good
            : UsedBy.Count < Uses ? InvitationState.Good : InvitationState.UsedUp;
    }

    public InvitationDetails With(string user, InvitationUse use) => this with
    {
        UsedBy = new Dictionary<string, InvitationUse>(UsedBy, StringComparer.Ordinal) { [user] = use },
    };
}

/// <param name="At">When, RFC 3339 in UTC.</param>
/// <param name="Ended">Whether the user has left since, or was removed: the invitation is no way back.</param>
internal sealed record InvitationUse(string At, bool? Ended = null);

/// <summary>What an invitation is worth to somebody.</summary>
internal enum InvitationState
{
    Good,

    /// <summary>None that this server made, or its space is gone.</summary>
    NotFound,
    Expired,
    Revoked,
    UsedUp,
}
