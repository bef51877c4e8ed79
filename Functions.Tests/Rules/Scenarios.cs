using System.Collections.Frozen;
using System.Text;
using Backend.Model;
using Backend.Records;
using Backend.Rules;
using Functions.Tests.Fixtures;

namespace Functions.Tests.Rules;

/// <summary>The table scenarios.tsv, and the collection, the records and the callers that it speaks of.</summary>
internal static class Scenarios
{
    public static readonly Scope Scope = Scope.ForPublic("items");

    public static readonly DateTimeOffset Now = new(2026, 5, 17, 8, 30, 0, TimeSpan.Zero);

    public static readonly RuleSchema Schema = new("items", new Dictionary<string, FieldType>
    {
        ["title"] = FieldType.String,
        ["body"] = FieldType.String,
        ["status"] = FieldType.String,
        ["done"] = FieldType.Boolean,
        ["priority"] = FieldType.Integer,
        ["score"] = FieldType.Number,
        ["likes"] = FieldType.Counter,
        ["dueAt"] = FieldType.Timestamp,
        ["startsAt"] = FieldType.Timestamp,
        ["tags"] = FieldType.Set,
        ["team"] = FieldType.Reference,
        ["photo"] = FieldType.Media,
        ["meta"] = FieldType.Json,
    }.ToFrozenDictionary(field => field.Key, field => new FieldModel { Name = field.Key, Type = field.Value }));

    public static readonly FrozenDictionary<string, RuleContext> Callers = new Dictionary<string, RuleContext>
    {
        ["alice"] = new() { UserId = "alice", Now = Now },
        ["bob"] = new() { UserId = "bob", Now = Now },
        ["nobody"] = new() { Now = Now },
        ["opener"] = new() { UserId = "olga", Roles = ["open", "shut"], Now = Now },
        ["editor"] = new() { UserId = "ed", Roles = ["admin", "staff"], SpaceId = "s1", SpaceRole = "editor", Now = Now },
    }.ToFrozenDictionary();

    private static readonly string[] Lines = File.ReadAllLines(
        Path.Combine(RepositoryFiles.Root, "Functions.Tests", "Rules", "scenarios.tsv"));

    public static IReadOnlyList<StoredRecord> Records { get; } =
    [
        .. Lines.Where(line => line.StartsWith('@')).Select(line => line.Split('\t')).Select(parts => Record(parts[0][1..], parts[1])),
    ];

    public static IReadOnlyList<Scenario> All { get; } =
    [
        .. Lines.Where(line => line.Length > 0 && line[0] is not ('@' or '#')).Select(Read),
    ];

    public static StoredRecord Record(string id, string fields) => new()
    {
        Key = new RecordKey(Scope, "items", RecordId.TryParse(id, out var parsed) ? parsed : throw new FormatException(id)),
        Owner = "alice",
        CreatedAt = new DateTimeOffset(2026, 3, 1, 10, 0, 0, TimeSpan.Zero).AddTicks(1_234_567),
        UpdatedAt = new DateTimeOffset(2026, 3, 2, 10, 0, 0, TimeSpan.Zero).AddTicks(1_234_567),
        Fields = new RecordFields(Encoding.UTF8.GetBytes(fields)),
    };

    public static Filter Parse(string text) => Filter.TryParse(text, Schema, out var filter, out var errors)
        ? filter
        : throw new FormatException($"{text}: {string.Join("; ", errors)}");

    private static Scenario Read(string line)
    {
        var parts = line.Split('\t');
        return new Scenario(
            parts[0], parts[1], bool.Parse(parts[2]), parts[3], parts is [_, _, _, _, var reason] ? reason : null);
    }
}

/// <param name="Expression">The expression.</param>
/// <param name="Record">The record that the row is about.</param>
/// <param name="Expected">Whether it holds.</param>
/// <param name="Caller">Who asks.</param>
/// <param name="StandInGap">Why the npm Cosmos server gives another answer than a real one.</param>
internal sealed record Scenario(string Expression, string Record, bool Expected, string Caller, string? StandInGap)
{
    public RuleContext Context => Scenarios.Callers[Caller];
}
