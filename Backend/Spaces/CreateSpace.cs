using Backend.Http;
using Backend.Records;
using Backend.Security;
using Microsoft.Extensions.Options;

namespace Backend.Spaces;

/// <summary>Makes a space whose maker is its owner.</summary>
internal sealed class CreateSpace(
    SpaceRecords spaces, Memberships memberships, ListSpaces list, IOptions<SpaceOptions> options, TimeProvider time)
{
    public async Task<SpaceOutcome> ExecuteAsync(Caller caller, string name, CancellationToken ct)
    {
        if (SpaceNames.FindError(name) is { } error)
        {
            return new SpaceOutcome.Invalid([error]);
        }

        if (!await list.HasRoomAsync(caller.Id, ct))
        {
            return new SpaceOutcome.TooManySpaces(options.Value.MaxSpacesPerUser);
        }

        var now = time.GetUtcNow();
        var id = RecordId.New(now);
        var details = new SpaceDetails
        {
            Name = name,
            Members = new Dictionary<string, SpaceMember>
            {
                [caller.Id] = new(SpaceRoles.Owner, Timestamps.Format(now)),
            },
        };
        await memberships.EnsureAsync(caller.Id, id, ct);
        var record = await spaces.CreateAsync(id, caller.Id, details, ct);
        await memberships.EnsureAsync(caller.Id, id, ct);
        return new SpaceOutcome.Done(record, details);
    }
}

/// <summary>What a space may be called.</summary>
internal static class SpaceNames
{
    public const int MaxLength = 100;

    public static FieldError? FindError(string name) =>
        string.IsNullOrWhiteSpace(name) ? new FieldError("$.name", "required", "A space has a name.")
        : name.Length > MaxLength ? new FieldError("$.name", "too_long", $"At most {MaxLength} characters are allowed.")
        : name.Any(char.IsControl) ? new FieldError("$.name", "pattern_mismatch", "A name has no control characters.")
        : null;
}
