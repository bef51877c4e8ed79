using System.Collections.Frozen;
using System.Text.Json;
using Backend.Records;
using Backend.Rules;
using Backend.Spaces;

namespace Backend.Model;

/// <summary>Reads one collection's file.</summary>
internal static class CollectionReader
{
    public static readonly FrozenDictionary<string, ScopeKind> Scopes = new Dictionary<string, ScopeKind>
    {
        ["user"] = ScopeKind.User,
        ["space"] = ScopeKind.Space,
        ["public"] = ScopeKind.Public,
    }.ToFrozenDictionary();

    private static readonly FrozenDictionary<string, MergePolicy> Merges = new Dictionary<string, MergePolicy>
    {
        ["fields"] = MergePolicy.Fields,
        ["compareAndSet"] = MergePolicy.CompareAndSet,
        ["resolver"] = MergePolicy.Resolver,
    }.ToFrozenDictionary();

    private static readonly FrozenDictionary<string, DeletePolicy> Deletes = new Dictionary<string, DeletePolicy>
    {
        ["deleteWins"] = DeletePolicy.DeleteWins,
        ["updateWins"] = DeletePolicy.UpdateWins,
    }.ToFrozenDictionary();

    /// <param name="name">The collection's name, which is its file's.</param>
    /// <param name="root">The file.</param>
    /// <param name="roles">What rules may compare a member's role with; null when that file has errors of its own.</param>
    public static CollectionModel? Read(string name, JsonNodeReader root, SpaceRoles? roles)
    {
        if (!ModelNames.IsName(name))
        {
            root.Error("", $"'{name}' cannot be a collection's name: it has 1 to 64 letters, digits and underscores and starts with a letter");
        }
        else if (ModelNames.ReservedCollections.Contains(name))
        {
            root.Error("", $"'{name}' cannot be a collection's name: the product itself keeps such records");
        }

        if (root.Any("fields") is null)
        {
            root.Error("fields", "missing");
        }

        var fields = ReadFields(root);
        var scopes = ReadScopes(root);
        var rules = ReadRules(root, "rules", new RuleSchema(name, fields) { SpaceRoles = roles?.Names });
        var collection = new CollectionModel
        {
            Name = name,
            Description = root.OptionalString("description"),
            Scopes = scopes,
            Fields = fields,
            RetentionDays = root.OptionalCount("retention", Retention.MaxDays),
            Merge = root.Choice("merge", Merges) ?? MergePolicy.Fields,
            Deletes = root.Choice("deletes", Deletes) ?? DeletePolicy.DeleteWins,
            Rules = rules,
            Cache = CacheReader.Read(root, scopes.Contains(ScopeKind.Public), rules.Read),
            CheckedFields = [.. fields.Values.Where(field => field.Checked)],
            Indexes = IndexReader.Read(root, fields),
        };
        root.RejectUnknown();
        return collection;
    }

    /// <summary>One kind of scope, or a list of them.</summary>
    private static FrozenSet<ScopeKind> ReadScopes(JsonNodeReader root)
    {
        if (root.Any("scope") is not { } stated)
        {
            root.Error("scope", "missing; expected user, space, public or [\"user\", \"space\"]");
            return [];
        }

        var kinds = new HashSet<ScopeKind>();
        foreach (var item in stated.ValueKind is JsonValueKind.Array ? [.. stated.EnumerateArray()] : new[] { stated })
        {
            if (item.ValueKind is not JsonValueKind.String || !Scopes.TryGetValue(item.GetString() ?? "", out var kind))
            {
                root.Error("scope", $"'{item}' is none of {string.Join(", ", Scopes.Keys.Order(StringComparer.Ordinal))}");
            }
            else if (!kinds.Add(kind))
            {
                root.Error("scope", $"'{item}' is there twice");
            }
        }

        if (stated.ValueKind is JsonValueKind.Array && stated.GetArrayLength() == 0)
        {
            root.Error("scope", "the list is empty");
        }

        if (kinds.Count > 1 && kinds.Contains(ScopeKind.Public))
        {
            root.Error("scope", "public cannot be combined: a public record is in no user's scope and in no space");
        }

        return kinds.ToFrozenSet();
    }

    public static CollectionRules ReadRules(JsonNodeReader root, string property, RuleSchema schema)
    {
        if (root.Object(property) is not { } reader)
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
            if (ModelNames.ReservedInRecords.Contains(name))
            {
                reader.Error("", $"'{name}' is reserved: every record has it");
            }
            else if (!ModelNames.IsName(name))
            {
                reader.Error("", "a field's name has 1 to 64 letters, digits and underscores and starts with a letter");
            }

            fields[name] = FieldReader.Read(name, reader);
        }

        return fields.ToFrozenDictionary(StringComparer.Ordinal);
    }
}
