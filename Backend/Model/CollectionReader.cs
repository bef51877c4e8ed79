using System.Collections.Frozen;
using System.Text.RegularExpressions;
using Backend.Records;
using Backend.Rules;

namespace Backend.Model;

/// <summary>Reads one collection's file.</summary>
internal static partial class CollectionReader
{
    private static readonly FrozenDictionary<string, ScopeKind> Scopes = new Dictionary<string, ScopeKind>
    {
        ["user"] = ScopeKind.User,
        ["public"] = ScopeKind.Public,
    }.ToFrozenDictionary();

    public static CollectionModel? Read(string name, JsonNodeReader root)
    {
        if (!NamePattern().IsMatch(name) || name == AppModel.MediaCollection)
        {
            root.Error("", $"'{name}' cannot be a collection's name: it has 1 to 64 letters, digits and underscores and starts with a letter");
        }

        if (root.Any("scope") is null)
        {
            root.Error("scope", "missing; expected user or public");
        }

        if (root.Any("fields") is null)
        {
            root.Error("fields", "missing");
        }

        var fields = ReadFields(root);
        var collection = new CollectionModel
        {
            Name = name,
            Description = root.OptionalString("description"),
            Scope = root.Choice("scope", Scopes) ?? ScopeKind.User,
            Fields = fields,
            Rules = ReadRules(root, new RuleSchema(name, fields)),
            Indexes = IndexReader.Read(root, fields),
        };
        root.RejectUnknown();
        return collection;
    }

    private static CollectionRules ReadRules(JsonNodeReader root, RuleSchema schema)
    {
        if (root.Object("rules") is not { } reader)
        {
            return CollectionRules.DenyAll;
        }

        var rules = new CollectionRules(
            ReadRule(reader, "read", RecordOperation.Read, schema),
            ReadRule(reader, "create", RecordOperation.Create, schema),
            ReadRule(reader, "update", RecordOperation.Update, schema),
            ReadRule(reader, "delete", RecordOperation.Delete, schema));
        reader.RejectUnknown();
        return rules;
    }

    private static Rule ReadRule(JsonNodeReader reader, string property, RecordOperation operation, RuleSchema schema)
    {
        if (reader.OptionalString(property) is not { } text)
        {
            return Rule.Never;
        }

        if (Rule.TryParse(text, schema, operation, out var rule, out var errors))
        {
            return rule;
        }

        foreach (var error in errors)
        {
            reader.Error(property, error.ToString());
        }

        return Rule.Never;
    }

    private static FrozenDictionary<string, FieldModel> ReadFields(JsonNodeReader root)
    {
        var fields = new Dictionary<string, FieldModel>(StringComparer.Ordinal);
        foreach (var (name, reader) in root.Members("fields"))
        {
            if (ReservedNames.OfRecords.Contains(name))
            {
                reader.Error("", $"'{name}' is reserved: every record has it");
            }
            else if (!NamePattern().IsMatch(name))
            {
                reader.Error("", "a field's name has 1 to 64 letters, digits and underscores and starts with a letter");
            }

            fields[name] = FieldReader.Read(name, reader);
        }

        return fields.ToFrozenDictionary(StringComparer.Ordinal);
    }

    [GeneratedRegex(@"^[a-zA-Z][a-zA-Z0-9_]{0,63}\z")]
    private static partial Regex NamePattern();
}
