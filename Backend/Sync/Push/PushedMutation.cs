using System.Text.Json;
using Backend.Http;
using Backend.Merging;
using Backend.Records;

namespace Backend.Sync.Push;

/// <summary>A mutation as it was sent. What is wrong with it is its own affair: the others of the request go on.</summary>
internal sealed record PushedMutation
{
    public static readonly JsonElement NoFields = JsonElement.Parse("{}"u8);

    public required long Seq { get; init; }

    /// <summary>Why it cannot be what it says; empty when it can.</summary>
    public IReadOnlyList<FieldError> Errors { get; init; } = [];

    public MutationOp Op { get; init; }

    public string Collection { get; init; } = "";

    public RecordId Id { get; init; }

    public string? Scope { get; init; }

    public JsonElement Fields { get; init; } = NoFields;

    public HybridTimestamp? Stamp { get; init; }

    public HybridTimestamp? Base { get; init; }

    public string? Group { get; init; }

    public DateTimeOffset? SentAt { get; init; }

    /// <param name="message">What was sent.</param>
    /// <param name="found">Errors that were found in it so far; the others are added.</param>
    public static PushedMutation From(MutationMessage message, List<FieldError> found)
    {
        var op = ReadOp(message.Op, found);
        if (message.Collection.Length == 0)
        {
            Note(found, "$.collection", "required", "State whose record it is.");
        }

        if (!RecordId.TryParse(message.Id, out var id))
        {
            Note(found, "$.id", "invalid_id", RecordId.Requirement);
        }

        if (message.Group is not null && !RecordId.TryParse(message.Group, out _))
        {
            Note(found, "$.group", "invalid_id", "A group is named like a record.");
        }

        return new PushedMutation
        {
            Seq = message.Seq,
            Op = op,
            Collection = message.Collection,
            Id = id,
            Scope = message.Scope,
            Fields = ReadFields(message.Fields, op, found),
            Stamp = ReadTimestamp(message.Stamp, "$.stamp", found),
            Base = ReadTimestamp(message.Base, "$.base", found),
            Group = message.Group,
            SentAt = message.SentAt,
            Errors = found,
        };
    }

    /// <summary>Whether it may have been received so long ago that nobody remembers.</summary>
    public bool IsForgotten(Retention retention, TimeProvider time) => time.GetUtcNow() - SentAt > TimeSpan.FromDays(retention.Days);

    /// <summary>As the merging takes it.</summary>
    public Mutation ToMutation(string writer, bool isForgotten) => new()
    {
        Op = Op,
        Writer = writer,
        Seq = Seq,
        Stamp = Stamp,
        Base = Base,
        Fields = Fields,
        IsForgotten = isForgotten,
    };

    /// <summary>A member that is of the wrong type already is not called wrong once more.</summary>
    private static void Note(List<FieldError> errors, string path, string code, string message)
    {
        if (!errors.Exists(error => error.Path == path))
        {
            errors.Add(new FieldError(path, code, message));
        }
    }

    private static MutationOp ReadOp(string op, List<FieldError> errors)
    {
        switch (op)
        {
            case "put":
                return MutationOp.Put;
            case "patch":
                return MutationOp.Patch;
            case "delete":
                return MutationOp.Delete;
            default:
                Note(errors, "$.op", "unknown_operation", "Expected put, patch or delete.");
                return default;
        }
    }

    private static JsonElement ReadFields(JsonElement? fields, MutationOp op, List<FieldError> errors)
    {
        if (op is MutationOp.Delete)
        {
            if (fields is { ValueKind: not JsonValueKind.Null })
            {
                Note(errors, "$.fields", "not_allowed", "A deletion has no fields.");
            }

            return NoFields;
        }

        if (fields is { ValueKind: JsonValueKind.Object } given)
        {
            return given;
        }

        Note(errors, "$.fields", fields is null ? "required" : "wrong_type", "Expected an object with fields.");
        return NoFields;
    }

    private static HybridTimestamp? ReadTimestamp(string? text, string path, List<FieldError> errors)
    {
        if (text is null)
        {
            return null;
        }

        if (HybridTimestamp.TryParse(text, out var timestamp))
        {
            return timestamp;
        }

        Note(errors, path, "invalid_timestamp", $"Expected {HybridTimestamp.Digits} hexadecimal digits in lower case.");
        return null;
    }
}
