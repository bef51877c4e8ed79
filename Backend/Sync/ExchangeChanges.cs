using System.Diagnostics;
using Backend.Http;
using Backend.Records;
using Backend.Security;
using Backend.Sync.Pull;
using Backend.Sync.Push;
using Microsoft.Extensions.Options;

namespace Backend.Sync;

/// <summary>One round trip: takes what is queued, then tells what changed, the caller's own mutations among it.</summary>
internal sealed class ExchangeChanges(
    PushMutations push, PullChanges pull, SchemaVersions versions, IOptions<SyncOptions> options, TimeProvider time)
{
    public async Task<SyncOutcome> ExecuteAsync(Caller caller, SyncExchange exchange, CancellationToken ct)
    {
        var errors = SyncChecks.FindErrors(exchange, options.Value, versions.Current);
        if (errors.Count > 0)
        {
            return new SyncOutcome.Invalid(errors);
        }

        if (exchange.Schema is { } schema && versions.FindChanges(schema) is { } changes)
        {
            return new SyncOutcome.SchemaTooOld(schema, versions.OldestServed, changes);
        }

        if (exchange.Pull.FirstOrDefault(static request => !Scope.TryParse(request.Scope, out _)) is { } unknown)
        {
            return new SyncOutcome.ScopeNotFound(unknown.Scope);
        }

        IReadOnlyList<MutationResult> results = exchange is { Push.Count: > 0, Client: { } client }
            ? await push.ExecuteAsync(caller, client, exchange.Push, ct)
            : [];
        return await PullAsync(caller, exchange, results, ct);
    }

    private async Task<SyncOutcome> PullAsync(
        Caller caller, SyncExchange exchange, IReadOnlyList<MutationResult> results, CancellationToken ct)
    {
        var pulled = new List<ScopeChanges>(exchange.Pull.Count);
        var bytes = (long)options.Value.MaxPageBytes;
        var isAlone = results.Count == 0 && exchange.Pull.Count == 1;
        foreach (var (i, request) in exchange.Pull.Index())
        {
            var limit = new PageLimit(exchange.Limit ?? options.Value.DefaultPageSize, bytes);
            var outcome = await pull.ExecuteAsync(caller, request, limit, ct);
            if (isAlone && outcome is PullOutcome.ScopeNotFound missing)
            {
                return new SyncOutcome.ScopeNotFound(missing.Scope);
            }

            if (isAlone && outcome is PullOutcome.InvalidCursor)
            {
                return new SyncOutcome.Invalid(
                    [new FieldError($"$.pull[{i}].cursor", "invalid_cursor", "This server did not issue this cursor for this scope.")]);
            }

            var changes = ChangesOf(outcome);
            bytes -= changes.Bytes;
            pulled.Add(changes);
        }

        return new SyncOutcome.Done(results, pulled, time.GetUtcNow());
    }

    /// <summary>
    /// Beside anything else, a pull that cannot be is told as what the client has to do about it: a refused request would
    /// take results of mutations and other scopes along.
    /// </summary>
    private static ScopeChanges ChangesOf(PullOutcome outcome) => outcome switch
    {
        PullOutcome.Pulled page => page.Changes,
        PullOutcome.ScopeNotFound missing when Scope.TryParse(missing.Scope, out var scope) => ScopeChanges.Revoked(scope),
        PullOutcome.InvalidCursor invalid => ScopeChanges.Resync(invalid.Scope),
        _ => throw new UnreachableException(),
    };
}

/// <summary>An exchange as it was sent, in whichever format.</summary>
/// <param name="Client">The installation.</param>
/// <param name="Schema">The version of the model that it knows.</param>
/// <param name="Push">Its mutations.</param>
/// <param name="Pull">What it wants to read.</param>
/// <param name="Limit">At most so many records of each pull.</param>
internal sealed record SyncExchange(
    string? Client, int? Schema, IReadOnlyList<PushedMutation> Push, IReadOnlyList<PullRequest> Pull, int? Limit);

internal abstract record SyncOutcome
{
    private SyncOutcome()
    {
    }

    public sealed record Done(
        IReadOnlyList<MutationResult> Results, IReadOnlyList<ScopeChanges> Changes, DateTimeOffset ServerTime) : SyncOutcome;

    /// <summary>The request itself is wrong; nothing of it was carried out.</summary>
    public sealed record Invalid(IReadOnlyList<FieldError> Errors) : SyncOutcome;

    public sealed record ScopeNotFound(string Scope) : SyncOutcome;

    /// <summary>The client names what there is no more.</summary>
    public sealed record SchemaTooOld(int Schema, int Oldest, IReadOnlyList<FieldError> Changes) : SyncOutcome;
}
