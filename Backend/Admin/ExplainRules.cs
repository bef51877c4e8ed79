using Backend.Http;
using Backend.Model;
using Backend.Records;
using Backend.Rules;
using Backend.Security;

namespace Backend.Admin;

/// <summary>Asks the rules as if a caller did, and shows what decided.</summary>
internal sealed class ExplainRules(AppModel model, RecordAccess access, IRecordStore store, TimeProvider time)
{
    public async Task<ExplainOutcome> ExecuteAsync(ExplainRequest request, CancellationToken ct)
    {
        if (!model.Collections.TryGetValue(request.Collection, out var collection))
        {
            return new ExplainOutcome.CollectionNotFound(request.Collection);
        }

        var records = new ExplainedRecords(collection, request, time.GetUtcNow());
        if (!records.IsConsistent())
        {
            return new ExplainOutcome.Invalid(records.Errors);
        }

        // The rules are explained also where the caller does not get in: somebody is asking why.
        var caller = new Caller(request.Caller.Id) { Roles = request.Caller.Roles ?? [] };
        var entered = await access.ResolveAsync(caller, collection, request.Scope, ct);
        if (!TryGetScope(request, entered, out var scope))
        {
            return new ExplainOutcome.ScopeNotFound(request.Scope);
        }

        var current = await records.ReadAsync(store, scope, ct);
        var changed = current is null ? null : records.Change(current);
        if (records.Errors.Count > 0)
        {
            return new ExplainOutcome.Invalid(records.Errors);
        }

        var enters = entered is not null || IsAssumedMember(request.Caller, collection, scope);
        return current is null || changed is null
            ? new ExplainOutcome.RecordNotFound(request.Collection, request.Id ?? "")
            : new ExplainOutcome.Explained(Explain(
                collection, request.Operation, current, changed, enters, ContextOf(request.Caller, entered, scope)));
    }

    private static bool TryGetScope(ExplainRequest request, ScopeAccess? entered, out Scope scope)
    {
        scope = entered?.Scope ?? default;
        return entered is not null || Scope.TryParse(request.Scope, out scope);
    }

    /// <summary>A role in the space that is stated is one that the caller has for the sake of the question.</summary>
    private static bool IsAssumedMember(ExplainedCaller caller, CollectionModel collection, Scope scope) =>
        caller.SpaceRole is not null && scope.Kind is ScopeKind.Space && collection.Scopes.Contains(ScopeKind.Space);

    private RuleContext ContextOf(ExplainedCaller caller, ScopeAccess? entered, Scope scope)
    {
        var context = entered?.Context
            ?? new RuleContext { UserId = caller.Id, Roles = caller.Roles ?? [], Now = time.GetUtcNow() };
        return caller.SpaceRole is { } role && scope.Kind is ScopeKind.Space
            ? context with { SpaceId = scope.Name, SpaceRole = role }
            : context;
    }

    private static ExplainAnswer Explain(
        CollectionModel collection, RecordOperation operation, StoredRecord current, StoredRecord changed, bool enters,
        RuleContext context)
    {
        var rules = new List<ExplainedRule>();
        if (operation is RecordOperation.Update or RecordOperation.Delete)
        {
            rules.Add(Describe(collection.Rules.Read, RecordOperation.Read, current, null, context));
        }

        var previous = operation is RecordOperation.Update ? current : null;
        rules.Add(Describe(collection.Rules.For(operation), operation, changed, previous, context));
        var denied = rules.Find(rule => !rule.Allowed);
        return new ExplainAnswer(
            enters && denied is null,
            current.Key.Scope.Value,
            enters,
            enters ? NameOf(denied?.Operation ?? operation) : "scope",
            rules);
    }

    private static ExplainedRule Describe(
        Rule rule, RecordOperation operation, StoredRecord record, StoredRecord? previous, RuleContext context)
    {
        var explanation = rule.Explain(in context, record, previous);
        return new ExplainedRule(
            operation,
            rule.Text,
            explanation.Allowed,
            explanation.OfPrevious,
            [.. explanation.Clauses.Select(clause => new ExplainedClause(
                clause.Text, clause.Position, clause.Holds, clause.Decided,
                [.. clause.Values.Select(value => new ExplainedName(value.Name, value.Json))]))]);
    }

    public static string NameOf(RecordOperation operation) => operation switch
    {
        RecordOperation.Create => "create",
        RecordOperation.Update => "update",
        RecordOperation.Delete => "delete",
        _ => "read",
    };
}

internal abstract record ExplainOutcome
{
    private ExplainOutcome()
    {
    }

    public sealed record Explained(ExplainAnswer Answer) : ExplainOutcome;

    public sealed record CollectionNotFound(string Collection) : ExplainOutcome;

    public sealed record ScopeNotFound(string? Scope) : ExplainOutcome;

    public sealed record RecordNotFound(string Collection, string Id) : ExplainOutcome;

    public sealed record Invalid(IReadOnlyList<FieldError> Errors) : ExplainOutcome;
}
