using System.Collections.Frozen;
using System.Diagnostics.CodeAnalysis;
using Backend.Model;
using Backend.Rules;
using Backend.Security;
using Backend.Spaces;

namespace Backend.Records;

/// <summary>
/// The one gate to records for every feature: which scopes a caller reaches, and what the rules let the caller do
/// there. Hides before it denies: what may not be read does not exist.
/// </summary>
internal sealed class RecordAccess(AppModel model, IRecordStore store, TimeProvider time)
{
    private readonly FrozenDictionary<string, CollectionModel> _builtIn = BuiltInCollections.Create(model.SpaceRoles);

    /// <summary>A collection of the model. The built-in ones have APIs of their own and are not among them.</summary>
    public bool TryGetCollection(string name, [NotNullWhen(true)] out CollectionModel? collection) =>
        model.Collections.TryGetValue(name, out collection);

    /// <summary>
    /// The scope that a request means: the one it states, when the caller may enter it and the collection lives there,
    /// else the collection's default. Null when there is none such; a request that states none gets that answer only
    /// for a collection that lives in spaces alone.
    /// </summary>
    public ValueTask<ScopeAccess?> ResolveAsync(
        Caller caller, CollectionModel collection, string? stated, CancellationToken ct)
    {
        var scope = stated is null ? collection.DefaultScope(caller.Id)
            : Scope.TryParse(stated, out var parsed) ? parsed
            : default(Scope?);
        return scope is { } known && collection.Scopes.Contains(known.Kind)
            && (known.Kind is not ScopeKind.Public || known.Name == collection.Name)
            ? EnterAsync(caller, known, ct)
            : ValueTask.FromResult<ScopeAccess?>(null);
    }

    /// <summary>A caller's way into a scope, to sync it for instance; null when the caller may not enter it at all.</summary>
    public ValueTask<ScopeAccess?> EnterAsync(Caller caller, Scope scope, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        if (scope.Kind is ScopeKind.Space)
        {
            return EnterSpaceAsync(caller, scope, ct);
        }

        var mayEnter = scope.Kind switch
        {
            ScopeKind.User => scope == Scope.ForUser(caller.Id),
            ScopeKind.Public => IsPublicScope(scope.Name),
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

        return RulesOf(record.Key)?.For(operation).Allows(access.Context, record, previous) is true;
    }

    /// <summary>
    /// Whether everybody may read a record, with or without a token: it is public, and its rule does not look at who asks.
    /// </summary>
    public bool IsOpenToAll([NotNullWhen(true)] StoredRecord? record) =>
        record is { Deleted: false, Key.Scope.Kind: ScopeKind.Public }
        && RulesOf(record.Key)?.Read is { ReadsCaller: false } rule
        && rule.Allows(new RuleContext { UserId = "", Now = time.GetUtcNow() }, record);

    private bool IsPublicScope(string name) => name == AppModel.MediaCollection
        ? model.Media.Public is not null
        : TryGetCollection(name, out var collection) && collection.IsPublic;

    private CollectionRules? RulesOf(RecordKey key) => key.Collection == AppModel.MediaCollection
        ? model.Media.RulesIn(key.Scope.Kind)
        : (_builtIn.GetValueOrDefault(key.Collection) ?? model.Collections.GetValueOrDefault(key.Collection))?.Rules;

    /// <summary>
    /// Reads the space for every request and keeps nothing of it: whoever is removed is out with the next request,
    /// on every instance.
    /// </summary>
    private async ValueTask<ScopeAccess?> EnterSpaceAsync(Caller caller, Scope scope, CancellationToken ct)
    {
        var space = RecordId.TryParse(scope.Name, out var id)
            ? await store.FindAsync(new RecordKey(scope, AppModel.SpacesCollection, id), ct)
            : null;
        return space is { Deleted: false } && SpaceMembers.FindRole(space.Fields.Utf8.Span, caller.Id) is { } role
            ? new ScopeAccess(caller, scope, ContextOf(caller) with { SpaceId = scope.Name, SpaceRole = role })
            : null;
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
internal sealed record ScopeAccess(Caller Caller, Scope Scope, RuleContext Context)
{
    /// <summary>What the same batch creates here: references may lead there already.</summary>
    public IReadOnlySet<RecordKey> Creates { get; init; } = FrozenSet<RecordKey>.Empty;
}
