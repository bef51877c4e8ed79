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
        JsonSerializer.Deserialize(json, DurableJsonContext.Default.ActivityOutcome)
        ?? throw new JsonException("An activity's outcome cannot be null");

    public string ToJson() => JsonSerializer.Serialize(this, DurableJsonContext.Default.ActivityOutcome);
}

/// <summary>What an activity is called with.</summary>
/// <param name="Input">As JSON.</param>
/// <param name="TimeoutMilliseconds">Of this attempt; null for that of all.</param>
internal sealed record ActivityCall(string Input, long? TimeoutMilliseconds = null)
{
    public static ActivityCall Parse(string json) =>
        JsonSerializer.Deserialize(json, DurableJsonContext.Default.ActivityCall)
        ?? throw new JsonException("An activity's call cannot be null");

    public string ToJson() => JsonSerializer.Serialize(this, DurableJsonContext.Default.ActivityCall);
}

/// <summary>What Durable Functions keeps as an instance's custom status.</summary>
/// <param name="Custom">What the orchestration's code set, as JSON.</param>
/// <param name="Error">Type and message of what it threw.</param>
/// <param name="Children">The instances that it waits for, which end with it when it is terminated.</param>
internal sealed record DurableStatus(string? Custom = null, string? Error = null, IReadOnlyList<string>? Children = null)
{
    /// <summary>With what is set by the code, this stays within what Durable Functions takes.</summary>
    private const int MaxChildren = 50;

    /// <summary>Nothing when the status is of somebody else's making.</summary>
    public static DurableStatus Parse(string json)
    {
        try
        {
            return JsonSerializer.Deserialize(json, DurableJsonContext.Default.DurableStatus) ?? new DurableStatus();
        }
        catch (JsonException)
        {
            return new DurableStatus();
        }
    }

    /// <summary>With as many children as there is room for: those beyond outlive a termination.</summary>
    public DurableStatus ForStorage() =>
        this with { Children = Children is { Count: > 0 } ? [.. Children.Take(MaxChildren)] : null };

    public string ToJson() => JsonSerializer.Serialize(this, DurableJsonContext.Default.DurableStatus);
}

[JsonSerializable(typeof(ActivityOutcome))]
[JsonSerializable(typeof(ActivityCall))]
[JsonSerializable(typeof(string))]
[JsonSerializable(typeof(DurableStatus))]
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
internal sealed partial class DurableJsonContext : JsonSerializerContext;
