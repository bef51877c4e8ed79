using Backend.Records;
using Backend.Security;

namespace Backend.Spaces;

/// <summary>Spaces and invitations as the API serves them.</summary>
internal static class SpaceViews
{
    public static SpaceView Of(SpaceOutcome.Done space, Caller caller) => new(
        space.Record.Key.Id.Value,
        space.Record.Key.Scope.Value,
        space.Details.Name,
        space.Details.RoleOf(caller.Id) ?? "",
        space.Details.Members.ToDictionary(
            member => member.Key, member => new MemberView(member.Value.Role, member.Value.JoinedAt), StringComparer.Ordinal),
        Timestamps.Format(space.Record.CreatedAt),
        Timestamps.Format(space.Record.UpdatedAt),
        space.Record.ETag.Value);

    public static SpaceSummary Summary(SpaceOutcome.Done space, Caller caller) => new(
        space.Record.Key.Id.Value,
        space.Record.Key.Scope.Value,
        space.Details.Name,
        space.Details.RoleOf(caller.Id) ?? "",
        space.Details.Members.Count,
        Timestamps.Format(space.Record.CreatedAt),
        Timestamps.Format(space.Record.UpdatedAt),
        space.Record.ETag.Value);

    public static InvitationView Of(StoredRecord record, string? token = null)
    {
        var details = InvitationDetails.Read(record);
        return new InvitationView(
            record.Key.Id.Value,
            details.Role,
            record.Owner,
            Timestamps.Format(record.CreatedAt),
            details.ExpiresAt,
            details.Uses,
            [.. details.UsedBy.Keys],
            token);
    }
}
