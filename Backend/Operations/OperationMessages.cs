using System.Text.Json;
using System.Text.Json.Serialization;
using Backend.Orchestrations;
using Backend.Orchestrations.Admin;

namespace Backend.Operations;

/// <param name="Id">The operation's id.</param>
/// <param name="Name">What is done.</param>
/// <param name="State">pending, running, completed, failed or terminated.</param>
/// <param name="CreatedAt">When it was started.</param>
/// <param name="UpdatedAt">When it last came a step further.</param>
/// <param name="Progress">How far it is, where it tells.</param>
/// <param name="Result">What came of it, once completed.</param>
/// <param name="Error">What is known to the user when it failed or was terminated; administrators see more.</param>
internal sealed record OperationView(
    string Id,
    string Name,
    string State,
    DateTimeOffset CreatedAt,
    DateTimeOffset UpdatedAt,
    JsonElement? Progress,
    JsonElement? Result,
    string? Error)
{
    [JsonIgnore]
    public bool HasEnded { get; private init; }

    public static OperationView Of(string id, OrchestrationInstance instance)
    {
        var seen = OrchestrationView.Of(instance);
        return new OperationView(
            id, seen.Name, seen.State, seen.CreatedAt, seen.UpdatedAt, seen.CustomStatus, seen.Output,
            // Errors are the code's own words, which may name what is none of the user's business.
            instance.State switch
            {
                OrchestrationState.Failed => "It failed. An administrator can see why, and run it again.",
                OrchestrationState.Terminated => "It was ended by an administrator.",
                _ => null,
            })
        {
            HasEnded = instance.State.HasEnded(),
        };
    }
}

[JsonSerializable(typeof(OperationView))]
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
internal sealed partial class OperationJsonContext : JsonSerializerContext;
