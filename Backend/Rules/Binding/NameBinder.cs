using System.Text;
using Backend.Model;
using Backend.Rules.Compiled;
using Backend.Rules.Language;

namespace Backend.Rules.Binding;

/// <summary>Finds out what names stand for, and refuses those that stand for nothing.</summary>
internal sealed class NameBinder(RuleSchema schema, ExpressionKind kind, List<RuleError> errors)
{
    private readonly List<string> _fields = [];

    /// <summary>The names of the fields that the expression reads.</summary>
    public byte[][] Fields => [.. _fields.Select(Encoding.UTF8.GetBytes)];

    public bool ReadsPrevious { get; private set; }

    /// <summary>Whether the expression depends on who asks.</summary>
    public bool ReadsCaller { get; private set; }

    /// <summary>Null when the name stands for nothing, which is then among the errors.</summary>
    public Operand? Bind(NameSyntax syntax) => syntax.Path.ToArray() switch
    {
        ["record", .. var path] => BindRecord(syntax, path, ofPrevious: false),
        ["previous", .. var path] => BindPrevious(syntax, path),
        ["user", "id"] => BindCaller(ContextName.UserId, syntax),
        ["user", "roles"] => BindCaller(ContextName.UserRoles, syntax),
        ["user", ..] => Error(syntax, "expected user.id or user.roles"),
        ["space", "id"] => BindCaller(ContextName.SpaceId, syntax),
        ["space", "role"] => BindCaller(ContextName.SpaceRole, syntax),
        ["space", ..] => Error(syntax, "expected space.id or space.role"),
        ["now"] => new ContextOperand(ContextName.Now, Print(syntax)),
        ["now", ..] => Error(syntax, "now is a timestamp and has no parts"),
        var path when kind is ExpressionKind.Filter => BindRecord(syntax, path, ofPrevious: false),
        [var name, ..] when schema.Fields.ContainsKey(name) || ModelNames.ReservedInRecords.Contains(name) =>
            Error(syntax, $"in a rule, write record.{name}"),
        _ => Error(syntax, $"'{syntax.Path[0]}' is unknown; expected record, user, space{(MayReadPrevious ? ", previous" : "")} or now"),
    };

    private ContextOperand BindCaller(ContextName name, NameSyntax syntax)
    {
        ReadsCaller = true;
        return new ContextOperand(name, Print(syntax));
    }

    private bool MayReadPrevious => kind is ExpressionKind.UpdateRule;

    private Operand? BindPrevious(NameSyntax syntax, string[] path)
    {
        if (MayReadPrevious)
        {
            ReadsPrevious = true;
            return BindRecord(syntax, path, ofPrevious: true);
        }

        return kind is ExpressionKind.Filter
            ? BindRecord(syntax, [.. syntax.Path], ofPrevious: false)
            : Error(syntax, "previous is the record before an update; only update rules have it");
    }

    private Operand? BindRecord(NameSyntax syntax, string[] path, bool ofPrevious)
    {
        if (path.Length == 0)
        {
            return Error(syntax, $"expected a field after {syntax.Path[0]}, for example {syntax.Path[0]}.owner");
        }

        if (path.Length > RuleLimits.MaxPathLength)
        {
            return Error(syntax, $"a path has at most {RuleLimits.MaxPathLength} names");
        }

        var name = path[0];
        if (schema.Fields.TryGetValue(name, out var field))
        {
            return BindField(syntax, field, path, ofPrevious);
        }

        RecordName? reserved = name switch
        {
            "id" => RecordName.Id,
            "owner" => RecordName.Owner,
            "scope" => RecordName.Scope,
            "createdAt" => RecordName.CreatedAt,
            "updatedAt" => RecordName.UpdatedAt,
            _ => null,
        };
        return reserved is { } what
            ? path.Length == 1 ? new RecordOperand(what, Print(syntax), ofPrevious) : Error(syntax, $"{name} has no parts")
            : Error(syntax, ModelNames.ReservedInRecords.Contains(name)
                ? $"'{name}' cannot be asked for in an expression"
                : $"{schema.Collection} has no field '{name}'; it has {string.Join(", ", schema.Fields.Keys.Order(StringComparer.Ordinal))}");
    }

    private FieldOperand? BindField(NameSyntax syntax, FieldModel field, string[] path, bool ofPrevious)
    {
        if (field.Encrypted)
        {
            Error(syntax, $"'{field.Name}' is encrypted, so no expression can ask for it");
            return null;
        }

        var type = field.Type switch
        {
            FieldType.String or FieldType.Reference or FieldType.Media => RuleType.Text,
            FieldType.Integer or FieldType.Number or FieldType.Counter => RuleType.Number,
            FieldType.Boolean => RuleType.Boolean,
            FieldType.Timestamp => RuleType.Timestamp,
            FieldType.Set => RuleType.Set,
            FieldType.Json => RuleType.Json,
            _ => throw new ArgumentOutOfRangeException(nameof(field)),
        };
        if (path.Length > 1 && type is not RuleType.Json)
        {
            Error(syntax, $"'{field.Name}' is no json field, so it has no parts");
            return null;
        }

        var index = _fields.IndexOf(field.Name);
        if (index < 0)
        {
            index = _fields.Count;
            _fields.Add(field.Name);
        }

        return new FieldOperand(type, Print(syntax), ofPrevious, index, path);
    }

    private static string Print(NameSyntax syntax) => string.Join('.', syntax.Path);

    private Operand? Error(Syntax syntax, string message)
    {
        errors.Add(new RuleError(message, syntax.Start, syntax.End - syntax.Start));
        return null;
    }
}
