using System.Text.Json;
using System.Text.Json.Serialization;

namespace Functions.Orchestrations;

/// <summary>
/// What an attempt of an activity came to, as the history keeps it. Errors are values here: what becomes of an
/// exception on its way through the host differs between its versions, and the product shows the text to people.
/// </summary>
/// <param name="Output">Its result as JSON; null when it failed.</param>
/// <param name="Error">Type and message of what it threw; null when it did not.</param>
internal sealed record ActivityOutcome(string? Output = null, string? Error = null)
{
    public static ActivityOutcome Parse(string json) =>
        JsonSerializer.Deserialize(json, ActivityOutcomeJsonContext.Default.ActivityOutcome)
        ?? throw new JsonException("An activity's outcome cannot be null");

    public string ToJson() => JsonSerializer.Serialize(this, ActivityOutcomeJsonContext.Default.ActivityOutcome);
}

[JsonSerializable(typeof(ActivityOutcome))]
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
internal sealed partial class ActivityOutcomeJsonContext : JsonSerializerContext;
