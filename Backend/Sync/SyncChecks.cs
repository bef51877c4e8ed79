using Backend.Http;
using Backend.Records;
using Backend.Sync.Push;

namespace Backend.Sync;

/// <summary>What is wrong with an exchange before any of it is carried out: what only a program can have got wrong.</summary>
internal static class SyncChecks
{
    private const int MaxCollections = 200;

    public static IReadOnlyList<FieldError> FindErrors(SyncExchange exchange, SyncOptions options, int currentSchema)
    {
        var errors = new List<FieldError>();
        if (exchange.Client is not null && !RecordId.TryParse(exchange.Client, out _))
        {
            errors.Add(new FieldError(
                "$.client", "invalid_id", $"A client has 1 to {RecordId.MaxLength} letters, digits, hyphens and underscores."));
        }
        else if (exchange.Client is null && exchange.Push.Count > 0)
        {
            errors.Add(new FieldError("$.client", "required", "Mutations are a client's; state which."));
        }

        if (exchange.Schema is { } schema && (schema < 1 || schema > currentSchema))
        {
            errors.Add(new FieldError("$.schema", "out_of_range", $"The model's versions are 1 to {currentSchema}; see /v1/model."));
        }

        if (exchange.Limit is { } limit && (limit < 1 || limit > options.MaxPageSize))
        {
            errors.Add(new FieldError("$.limit", "out_of_range", $"Expected 1 to {options.MaxPageSize}."));
        }

        FindErrors(exchange.Push, options, errors);
        FindErrors(exchange.Pull, options, errors);
        return errors;
    }

    private static void FindErrors(IReadOnlyList<PushedMutation> push, SyncOptions options, List<FieldError> errors)
    {
        if (push.Count > options.MaxMutations)
        {
            errors.Add(new FieldError(
                "$.push", "too_many", $"At most {options.MaxMutations} mutations fit in one exchange; send the others with the next."));
        }

        var groups = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < push.Count; i++)
        {
            if (push[i].Seq < 1 || (i > 0 && push[i].Seq <= push[i - 1].Seq))
            {
                errors.Add(new FieldError(
                    $"$.push[{i}].seq", "not_ascending", "A client numbers its mutations from 1 upwards, and sends them in that order."));
            }

            if (push[i].Group is { } group && (i == 0 || push[i - 1].Group != group) && !groups.Add(group))
            {
                errors.Add(new FieldError($"$.push[{i}].group", "not_adjacent", "The mutations of a group follow one another."));
            }
        }
    }

    private static void FindErrors(IReadOnlyList<PullRequest> pull, SyncOptions options, List<FieldError> errors)
    {
        if (pull.Count > options.MaxScopes)
        {
            errors.Add(new FieldError("$.pull", "too_many", $"At most {options.MaxScopes} scopes fit in one exchange."));
        }

        var scopes = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (i, request) in pull.Index())
        {
            if (!scopes.Add(request.Scope))
            {
                errors.Add(new FieldError($"$.pull[{i}].scope", "duplicate", "A scope is pulled once in an exchange."));
            }

            if (request.Collections is { Count: 0 or > MaxCollections })
            {
                errors.Add(new FieldError($"$.pull[{i}].collections", "out_of_range", $"Expected 1 to {MaxCollections} names; leave it out for all."));
            }
        }
    }
}
