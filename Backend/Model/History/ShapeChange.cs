namespace Backend.Model.History;

/// <summary>Compares a model with what it was, and says what it becomes or why it cannot.</summary>
internal sealed class ShapeChange
{
    private readonly IReadOnlySet<string> _accepted;
    private readonly int _version;
    private readonly List<ModelError> _errors = [];

    private ShapeChange(StoredShape? before, string hash, IReadOnlySet<string> accepted)
    {
        _accepted = accepted;
        _version = before is null ? 1 : before.Hash == hash ? before.Version : before.Version + 1;
    }

    /// <param name="before">What the store has; null at the very first start.</param>
    /// <param name="model">What the files say.</param>
    /// <param name="hash">Of what clients see of the model.</param>
    /// <param name="accepted">Fields and scopes (<c>notes.title</c>, <c>notes.scope</c>) whose values were taken care of.</param>
    /// <exception cref="ModelException">Stored values would not be what the model says; every such place.</exception>
    public static StoredShape Apply(StoredShape? before, AppModel model, string hash, IReadOnlySet<string> accepted)
    {
        var change = new ShapeChange(before, hash, accepted);
        var collections = new SortedDictionary<string, CollectionShape>(StringComparer.Ordinal);
        foreach (var (name, old) in before?.Collections.AsEnumerable() ?? [])
        {
            collections[name] = old with { Removed = old.Removed ?? change._version };
        }

        foreach (var collection in model.Collections.Values.OrderBy(collection => collection.Name, StringComparer.Ordinal))
        {
            collections[collection.Name] = change.Next(collection, before?.Collections.GetValueOrDefault(collection.Name));
        }

        return change._errors.Count == 0
            ? new StoredShape { Version = change._version, Hash = hash, Collections = collections }
            : throw new ModelException(change._errors, "The model does not fit the data that is stored:");
    }

    private CollectionShape Next(CollectionModel collection, CollectionShape? old)
    {
        var fields = new SortedDictionary<string, FieldShape>(StringComparer.Ordinal);
        foreach (var (name, field) in old?.Fields.AsEnumerable() ?? [])
        {
            fields[name] = field with { Removed = field.Removed ?? _version };
        }

        foreach (var field in collection.Fields.Values)
        {
            fields[field.Name] = Next(collection, field, old?.Fields.GetValueOrDefault(field.Name));
        }

        var kinds = collection.ScopeNames();
        CheckScopes(collection.Name, old?.Scope.Except(kinds, StringComparer.Ordinal).ToList() ?? []);
        return new CollectionShape { Scope = kinds, Since = old?.Since ?? _version, Fields = fields };
    }

    private FieldShape Next(CollectionModel collection, FieldModel field, FieldShape? old)
    {
        var type = FieldReader.NameOf(field.Type);
        if (old is not null && !TypeChanges.Fit(old, field) && !_accepted.Contains($"{collection.Name}.{field.Name}"))
        {
            var until = old.Removed is { } version ? $" until version {version} of the model" : "";
            _errors.Add(new ModelError(
                $"{collection.Name}.json", $"$.fields.{field.Name}.type",
                $"was {TypeChanges.Describe(old.Type, old.Collection)}{until} and would become {TypeChanges.Describe(type, field.Collection)}, "
                + $"which stored values are not. Keep the old type; or give the new field another name; or, once no record holds an "
                + $"old value any more, start with the setting ModelChanges:Accept:0={collection.Name}.{field.Name}"));
        }

        return new FieldShape
        {
            Type = type,
            Collection = field.Collection,
            Since = old?.Since ?? _version,
            Encrypted = field.Encrypted || old?.Encrypted is true,
        };
    }

    /// <summary>Whether there are such records is not asked: that would be a search through every scope.</summary>
    private void CheckScopes(string collection, List<string> lost)
    {
        if (lost.Count > 0 && !_accepted.Contains($"{collection}.scope"))
        {
            _errors.Add(new ModelError(
                $"{collection}.json", "$.scope",
                $"no longer has {string.Join(" and ", lost)}, where records may be that nobody could reach. Keep it beside the new one; or give "
                + $"the new collection another name; or, once there are no such records, start with the setting ModelChanges:Accept:0={collection}.scope"));
        }
    }
}
