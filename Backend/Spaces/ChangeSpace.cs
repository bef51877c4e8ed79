using Backend.Http;
using Backend.Model;
using Backend.Records;
using Backend.Security;

namespace Backend.Spaces;

/// <summary>Reads a space, renames it, changes what its members are.</summary>
internal sealed class ChangeSpace(SpaceRecords spaces, AppModel model)
{
    public Task<SpaceOutcome> ReadAsync(Caller caller, string id, CancellationToken ct) =>
        spaces.ChangeAsync(
            caller, id, ETagCondition.Parse(default),
            static (SpaceDetails before, string _, out SpaceDetails after) =>
            {
                after = before;
                return null;
            },
            ct);

    /// <param name="caller">An owner.</param>
    /// <param name="id">The space's id as sent.</param>
    /// <param name="name">The new name; null changes nothing.</param>
    /// <param name="condition">The versions that the caller accepts.</param>
    /// <param name="ct">Cancels the request.</param>
    public Task<SpaceOutcome> RenameAsync(
        Caller caller, string id, string? name, ETagCondition condition, CancellationToken ct) =>
        spaces.ChangeAsync(
            caller, id, condition,
            (SpaceDetails before, string role, out SpaceDetails after) =>
            {
                after = name is null || name == before.Name ? before : before with { Name = name };
                return role is not SpaceRoles.Owner ? new SpaceOutcome.Forbidden("rename it")
                    : name is not null && SpaceNames.FindError(name) is { } error ? new SpaceOutcome.Invalid([error])
                    : null;
            },
            ct);

    public Task<SpaceOutcome> SetRoleAsync(
        Caller caller, string id, string user, string role, ETagCondition condition, CancellationToken ct) =>
        spaces.ChangeAsync(
            caller, id, condition,
            (SpaceDetails before, string callersRole, out SpaceDetails after) =>
            {
                after = before;
                if (callersRole is not SpaceRoles.Owner)
                {
                    return new SpaceOutcome.Forbidden("change its members");
                }

                if (!model.SpaceRoles.Contains(role))
                {
                    return new SpaceOutcome.Invalid([UnknownRole()]);
                }

                if (before.RoleOf(user) is null)
                {
                    return new SpaceOutcome.MemberNotFound(user);
                }

                if (role is not SpaceRoles.Owner && before.IsLastOwner(user))
                {
                    return new SpaceOutcome.LastOwner();
                }

                after = before.WithRole(user, role);
                return null;
            },
            ct);

    /// <summary>Makes another member the owner and the caller an editor, at once.</summary>
    public Task<SpaceOutcome> TransferAsync(
        Caller caller, string id, string to, ETagCondition condition, CancellationToken ct) =>
        spaces.ChangeAsync(
            caller, id, condition,
            (SpaceDetails before, string role, out SpaceDetails after) =>
            {
                after = before;
                if (role is not SpaceRoles.Owner)
                {
                    return new SpaceOutcome.Forbidden("transfer it");
                }

                if (before.RoleOf(to) is null)
                {
                    return new SpaceOutcome.Invalid(
                        [new FieldError("$.to", "unknown_member", "The new owner has to be a member of the space.")]);
                }

                after = to == caller.Id ? before
                    : before.WithRole(to, SpaceRoles.Owner).WithRole(caller.Id, SpaceRoles.Editor);
                return null;
            },
            ct);

    private FieldError UnknownRole() =>
        new("$.role", "not_in_enum", $"Expected one of {string.Join(", ", model.SpaceRoles.Names)}.");
}
