using System.Text.Json;
using Backend.Http;
using Backend.Sync.Push;
using Microsoft.AspNetCore.Http;

namespace Backend.Sync;

/// <summary>Reads an exchange in JSON.</summary>
internal static class SyncJson
{
    /// <exception cref="RequestException">It is none.</exception>
    public static async Task<SyncExchange> ReadAsync(HttpContext context)
    {
        var request = await JsonBody.ReadAsync(context, SyncJsonContext.Default.SyncRequest);
        var errors = new List<FieldError>();
        var push = (request.Push ?? []).Select((mutation, i) => Read(mutation, i, errors)).ToList();
        foreach (var (i, pull) in (request.Pull ?? []).Index())
        {
            // Annotations bind the serializer for properties, not for elements of lists.
            if (pull is null || pull.Collections?.Contains(null!) is true)
            {
                errors.Add(pull is null
                    ? new FieldError($"$.pull[{i}]", "wrong_type", "Expected an object.")
                    : new FieldError($"$.pull[{i}].collections", "wrong_type", "Expected names."));
            }
        }

        return errors.Count == 0
            ? new SyncExchange(request.Client, request.Schema, push, [.. (request.Pull ?? []).OfType<PullRequest>()], request.Limit)
            : throw new RequestException(Problems.Invalid(errors));
    }

    /// <summary>Only without a number to answer under is a mutation the request's fault.</summary>
    internal static PushedMutation Read(JsonElement mutation, int index, List<FieldError> errors)
    {
        if (mutation.ValueKind is not JsonValueKind.Object
            || !mutation.TryGetProperty("seq", out var number)
            || number.ValueKind is not JsonValueKind.Number
            || !number.TryGetInt64(out var seq))
        {
            errors.Add(new FieldError($"$.push[{index}].seq", "required", "Every mutation has its number."));
            return new PushedMutation { Seq = 0 };
        }

        try
        {
            return mutation.Deserialize(SyncJsonContext.Default.MutationMessage) is { } message
                ? PushedMutation.From(message)
                : throw new JsonException();
        }
        catch (JsonException exception)
        {
            return new PushedMutation { Seq = seq, Errors = [JsonBody.ErrorOf(exception)] };
        }
    }
}
