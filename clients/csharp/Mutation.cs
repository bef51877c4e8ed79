using System.Globalization;
using System.Text.Json.Nodes;

namespace SyncClient;

/// <summary>A change that was made on this device.</summary>
public sealed record Mutation(long Seq, string Op, RecordAddress Record, JsonObject? Fields, string Stamp, string Base)
{
    /// <summary>Mutations with the same group are applied all or none.</summary>
    public string? Group { get; init; }

    /// <summary>When it was first sent; null as long as it was not.</summary>
    public DateTimeOffset? SentAt { get; init; }

    /// <summary>The record's version that has it, once the server has told; until a pull brings that, it is still shown.</summary>
    public string? Version { get; init; }

    public JsonObject ToJson()
    {
        var json = new JsonObject
        {
            ["seq"] = Seq, ["op"] = Op, ["collection"] = Record.Collection, ["id"] = Record.Id, ["scope"] = Record.Scope,
            ["stamp"] = Stamp, ["base"] = Base,
        };
        if (Fields is not null)
        {
            json["fields"] = Fields.DeepClone();
        }

        if (Group is not null)
        {
            json["group"] = Group;
        }

        if (SentAt is { } sentAt)
        {
            json["sentAt"] = sentAt.ToString("O", CultureInfo.InvariantCulture);
        }

        return json;
    }

    /// <summary>As <see cref="ToJson"/>, with what only the device keeps.</summary>
    internal JsonObject ToStored()
    {
        var json = ToJson();
        json["version"] = Version;
        return json;
    }

    internal static Mutation FromStored(JsonNode json) => new(
        (long)json["seq"]!,
        (string)json["op"]!,
        new RecordAddress((string)json["scope"]!, (string)json["collection"]!, (string)json["id"]!),
        json["fields"]?.DeepClone().AsObject(),
        (string)json["stamp"]!,
        (string)json["base"]!)
    {
        Group = (string?)json["group"],
        SentAt = (string?)json["sentAt"] is { } sentAt ? DateTimeOffset.Parse(sentAt, CultureInfo.InvariantCulture) : null,
        Version = (string?)json["version"],
    };
}

/// <summary>A mutation that has no effect, for the app to see.</summary>
/// <param name="Mutation">What was done on this device.</param>
/// <param name="Status"><c>rejected</c>, <c>conflict</c> or <c>revoked</c>.</param>
/// <param name="Code">The problem's stable code; null where there is none.</param>
public sealed record Refusal(Mutation Mutation, string Status, string? Code);
