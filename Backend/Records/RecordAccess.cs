using System.Diagnostics.CodeAnalysis;
using Backend.Model;
using Backend.Rules;
using Backend.Security;

namespace Backend.Records;

/// <summary>
/// The one gate to records for every feature: which scopes a caller reaches, and what the rules let the caller do
/// there. Hides before it denies: what may not be read does not exist.
/// </summary>
internal sealed class RecordAccess(AppModel model, TimeProvider time)
{
    private static readonly CollectionModel Media = new()
    {
        Name = AppModel.MediaCollection,
        Scope = ScopeKind.User,
        Rules = CollectionRules.OwnerOnly,
        Fields = System.Collections.Frozen.FrozenDictionary<string, FieldModel>.Empty,
    };

    /// <summary>A collection of the model. The media collection has an API of its own and is not among them.</summary>
    public bool TryGetCollection(string name, [NotNullWhen(true)] out CollectionModel? collection) =>
        model.Collections.TryGetValue(name, out collection);

    /// <summary>
    /// The scope that a request means: the one it states, when the caller may enter it and the collection lives there,
    /// else the collection's default. Null when the stated one is none of those.
    /// </summary>
    public static Scope? Resolve(Caller caller, CollectionModel collection, string? stated)
    {
        var standard = collection.DefaultScope(caller.Id);
        if (stated is null)
        {
            return standard;
        }

        return Scope.TryParse(stated, out var scope) && scope == standard ? scope : null;
    }

    /// <summary>Whether a caller may enter a scope at all, to sync it for instance; rules still decide on its records.</summary>
    public bool CanEnter(Caller caller, Scope scope) => scope.Kind switch
    {
        ScopeKind.User => scope == Scope.ForUser(caller.Id),
        ScopeKind.Public => TryGetCollection(scope.Name, out var collection) && collection.Scope is ScopeKind.Public,
        _ => false,
    };

    /// <summary>Whether a record exists as far as the caller may know.</summary>
    public bool CanRead(Caller caller, [NotNullWhen(true)] StoredRecord? record) =>
        record is { Deleted: false } && Allows(RecordOperation.Read, caller, record);

    /// <param name="operation">What the caller wants to do.</param>
    /// <param name="caller">Who wants it.</param>
    /// <param name="record">The record as it is, or as it would be after a create or an update.</param>
    /// <param name="previous">The record before an update, which an update always states.</param>
    public bool Allows(RecordOperation operation, Caller caller, StoredRecord record, StoredRecord? previous = null)
    {
        var collection = record.Key.Collection == AppModel.MediaCollection
            ? Media
            : model.Collections.GetValueOrDefault(record.Key.Collection);
        return collection is not null && collection.Rules.For(operation).Allows(ContextOf(caller), record, previous);
    }

    /// <summary>What rules and filters see of a request.</summary>
    public RuleContext ContextOf(Caller caller) => new()
    {
        UserId = caller.Id,
        Roles = caller.Roles,
        Now = time.GetUtcNow(),
    };
}
