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
    public ValueTask<ScopeAccess?> ResolveAsync(
        Caller caller, CollectionModel collection, string? stated, CancellationToken ct)
    {
        var standard = collection.DefaultScope(caller.Id);
        if (stated is null)
        {
            return EnterAsync(caller, standard, ct);
        }

        return Scope.TryParse(stated, out var scope) && scope == standard
            ? EnterAsync(caller, scope, ct)
            : ValueTask.FromResult<ScopeAccess?>(null);
    }

    /// <summary>A caller's way into a scope, to sync it for instance; null when the caller may not enter it at all.</summary>
    public ValueTask<ScopeAccess?> EnterAsync(Caller caller, Scope scope, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        var mayEnter = scope.Kind switch
        {
            ScopeKind.User => scope == Scope.ForUser(caller.Id),
            ScopeKind.Public => TryGetCollection(scope.Name, out var collection) && collection.Scope is ScopeKind.Public,
            _ => false,
        };
        return ValueTask.FromResult(mayEnter ? new ScopeAccess(caller, scope, ContextOf(caller)) : null);
    }

    /// <summary>Whether a record exists as far as the caller may know.</summary>
    public bool CanRead(ScopeAccess access, [NotNullWhen(true)] StoredRecord? record) =>
        record is { Deleted: false } && Allows(RecordOperation.Read, access, record);

    /// <param name="operation">What the caller wants to do.</param>
    /// <param name="access">Who wants it, in which scope.</param>
    /// <param name="record">The record as it is, or as it would be after a create or an update.</param>
    /// <param name="previous">The record before an update, which an update always states.</param>
    public bool Allows(RecordOperation operation, ScopeAccess access, StoredRecord record, StoredRecord? previous = null)
    {
        if (record.Key.Scope != access.Scope)
        {
            throw new ArgumentException("The record is of another scope than the one that was entered.", nameof(record));
        }

        var collection = record.Key.Collection == AppModel.MediaCollection
            ? Media
            : model.Collections.GetValueOrDefault(record.Key.Collection);
        return collection is not null && collection.Rules.For(operation).Allows(access.Context, record, previous);
    }

    private RuleContext ContextOf(Caller caller) => new()
    {
        UserId = caller.Id,
        Roles = caller.Roles,
        Now = time.GetUtcNow(),
    };
}

/// <summary>
/// A caller who was let into a scope. Made for one request: a membership that ends does so for the next one.
/// </summary>
/// <param name="Caller">Who asks.</param>
/// <param name="Scope">Where.</param>
/// <param name="Context">What rules and filters see of the request.</param>
internal sealed record ScopeAccess(Caller Caller, Scope Scope, RuleContext Context);
