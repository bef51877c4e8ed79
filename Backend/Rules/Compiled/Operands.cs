using System.Text;

namespace Backend.Rules.Compiled;

/// <summary>A part of an expression that stands for a value.</summary>
/// <param name="type">The type of its values where they are not null.</param>
/// <param name="readsRecord">Whether its value depends on the record.</param>
internal abstract class Operand(RuleType type, bool readsRecord)
{
    public RuleType Type { get; } = type;

    /// <summary>What does not is worked out before a query is made.</summary>
    public bool ReadsRecord { get; } = readsRecord;

    public abstract Value Read(ref Evaluation evaluation);
}

/// <summary>An operand that a name stands for.</summary>
internal abstract class NamedOperand(RuleType type, bool readsRecord, string name) : Operand(type, readsRecord)
{
    /// <summary>The name as the text has it.</summary>
    public string Name { get; } = name;
}

internal sealed class LiteralOperand : Operand
{
    private readonly string? _text;
    private readonly byte[] _utf8 = [];
    private readonly double _number;
    private readonly long _whole;

    public LiteralOperand(string text)
        : base(RuleType.Text, false) => (_text, _utf8) = (text, Encoding.UTF8.GetBytes(text));

    public LiteralOperand(double number)
        : base(RuleType.Number, false) => _number = number;

    public LiteralOperand(bool value)
        : base(RuleType.Boolean, false) => _whole = value ? 1 : 0;

    public LiteralOperand(DateTimeOffset instant)
        : base(RuleType.Timestamp, false) => _whole = Instant.Pack(instant);

    public LiteralOperand(TimeSpan duration)
        : base(RuleType.Duration, false) => _whole = duration.Ticks;

    public string Text => _text ?? "";

    public TimeSpan Duration => new(_whole);

    public override Value Read(ref Evaluation evaluation) => Type switch
    {
        RuleType.Text => Value.OfText(_utf8, _text),
        RuleType.Number => Value.OfNumber(_number),
        RuleType.Boolean => Value.OfBoolean(_whole != 0),
        RuleType.Timestamp => Value.OfInstant(_whole),
        _ => throw new InvalidOperationException("A duration is no value of its own."),
    };
}

/// <summary>A field of the record, or a place in a json field.</summary>
internal sealed class FieldOperand(RuleType type, string name, bool ofPrevious, int index, IReadOnlyList<string> path)
    : NamedOperand(type, true, name)
{
    private readonly byte[][] _members = [.. path.Skip(1).Select(Encoding.UTF8.GetBytes)];

    /// <summary>The field's name, then the members within it.</summary>
    public IReadOnlyList<string> Path { get; } = path;

    /// <summary>The same place, read as a type.</summary>
    public FieldOperand As(RuleType readAs) => new(readAs, Name, ofPrevious, index, Path);

    public override Value Read(ref Evaluation evaluation) => FieldJson.Read(Json(ref evaluation), Type);

    public bool Exists(ref Evaluation evaluation) =>
        Type is RuleType.Json ? !FieldJson.IsNull(Json(ref evaluation)) : !Read(ref evaluation).IsNull;

    public ReadOnlySpan<byte> Json(ref Evaluation evaluation)
    {
        var json = evaluation.Field(index, ofPrevious);
        foreach (var member in _members)
        {
            json = FieldJson.Member(json, member);
        }

        return json;
    }
}

internal enum RecordName
{
    Id,
    Owner,
    Scope,
    CreatedAt,
    UpdatedAt,
}

/// <summary>What every record has beside its fields.</summary>
internal sealed class RecordOperand(RecordName what, string name, bool ofPrevious)
    : NamedOperand(what is RecordName.CreatedAt or RecordName.UpdatedAt ? RuleType.Timestamp : RuleType.Text, true, name)
{
    public RecordName What { get; } = what;

    public override Value Read(ref Evaluation evaluation)
    {
        var record = evaluation.Record(ofPrevious);
        return What switch
        {
            RecordName.Id => Value.OfText(record.Key.Id.Value),
            RecordName.Owner => Value.OfText(record.Owner),
            RecordName.Scope => Value.OfText(record.Key.Scope.Value),
            RecordName.CreatedAt => Value.OfInstant(Instant.Pack(record.CreatedAt)),
            _ => Value.OfInstant(Instant.Pack(record.UpdatedAt)),
        };
    }
}

internal enum ContextName
{
    UserId,
    UserRoles,
    SpaceId,
    SpaceRole,
    Now,
}

/// <summary>Who asks, where and when.</summary>
internal sealed class ContextOperand(ContextName what, string name) : NamedOperand(TypeOf(what), false, name)
{
    public ContextName What { get; } = what;

    public override Value Read(ref Evaluation evaluation) => What switch
    {
        ContextName.UserId => Value.OfText(evaluation.Context.UserId),
        ContextName.UserRoles => Value.OfSet(evaluation.Context.Roles),
        ContextName.SpaceId => Value.OfText(evaluation.Context.SpaceId),
        ContextName.SpaceRole => Value.OfText(evaluation.Context.SpaceRole),
        _ => Value.OfInstant(Instant.Pack(evaluation.Context.Now)),
    };

    private static RuleType TypeOf(ContextName what) => what switch
    {
        ContextName.UserRoles => RuleType.Set,
        ContextName.Now => RuleType.Timestamp,
        _ => RuleType.Text,
    };
}

/// <summary>A condition in the place of a value, as in <c>done == (priority > 3)</c>.</summary>
internal sealed class ConditionOperand(Condition condition) : Operand(RuleType.Boolean, condition.ReadsRecord)
{
    public Condition Condition { get; } = condition;

    public override Value Read(ref Evaluation evaluation) => Value.OfBoolean(Condition.Holds(ref evaluation));
}
