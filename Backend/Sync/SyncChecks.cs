using Backend.Http;
using Backend.Records;

namespace Backend.Sync;

/// <summary>What is wrong with an exchange before any of it is carried out.</summary>
internal static class SyncChecks
{
    public static IReadOnlyList<FieldError> FindErrors(SyncRequest request, SyncOptions options)
    {
        var errors = new List<FieldError>();
        if (request.Client is not null && !RecordId.TryParse(request.Client, out _))
        {
            errors.Add(new FieldError(
                "$.client", "invalid_id", $"A client has 1 to {RecordId.MaxLength} letters, digits, hyphens and underscores."));
        }

        if (request.Push is { Count: > 0 })
        {
            errors.Add(new FieldError("$.push", "not_supported", "This server does not take mutations here yet; use /v1/data."));
        }

        if (request.Limit is { } limit && (limit < 1 || limit > options.MaxPageSize))
        {
            errors.Add(new FieldError("$.limit", "out_of_range", $"Expected 1 to {options.MaxPageSize}."));
        }

        if (request.Pull?.Count > options.MaxScopes)
        {
            errors.Add(new FieldError("$.pull", "too_many", $"At most {options.MaxScopes} scopes fit in one exchange."));
        }

        var scopes = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (i, pull) in (request.Pull ?? []).Index())
        {
            // Annotations bind the serializer for properties, not for elements of lists.
            if (pull is null)
            {
                errors.Add(new FieldError($"$.pull[{i}]", "wrong_type", "Expected an object."));
            }
            else if (!scopes.Add(pull.Scope))
            {
                errors.Add(new FieldError($"$.pull[{i}].scope", "duplicate", "A scope is pulled once in an exchange."));
            }
        }

        return errors;
    }
}
