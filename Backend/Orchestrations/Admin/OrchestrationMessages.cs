using System.Text.Json;
using System.Text.Json.Serialization;

namespace Backend.Orchestrations.Admin;

/// <param name="Items">The newest first on the embedded engine; in its own order on Durable Functions.</param>
/// <param name="Next">The cursor of the next page; null after the last.</param>
internal sealed record OrchestrationList(
    IReadOnlyList<OrchestrationView> Items, [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? Next);

/// <param name="Id">The instance's id.</param>
/// <param name="Name">The orchestration's.</param>
/// <param name="State">pending, running, completed, failed or terminated.</param>
/// <param name="CreatedAt">When it was started.</param>
/// <param name="UpdatedAt">When it last made a step.</param>
/// <param name="Output">Its result, once completed.</param>
/// <param name="Error">Why it failed or was terminated.</param>
/// <param name="CustomStatus">What its code last set.</param>
/// <param name="Parent">The instance that called it.</param>
internal sealed record OrchestrationView(
    string Id,
    string Name,
    string State,
    DateTimeOffset CreatedAt,
    DateTimeOffset UpdatedAt,
    JsonElement? Output,
    string? Error,
    JsonElement? CustomStatus,
    string? Parent)
{
    public static string States { get; } =
        string.Join(", ", Enum.GetNames<OrchestrationState>().Select(JsonNamingPolicy.CamelCase.ConvertName));

    public static OrchestrationView Of(OrchestrationInstance instance) => new(
        instance.InstanceId,
        instance.Name,
        JsonNamingPolicy.CamelCase.ConvertName($"{instance.State}"),
        instance.CreatedAt,
        instance.UpdatedAt,
        Json(instance.Output),
        instance.Error,
        Json(instance.CustomStatus),
        instance.ParentId);

    public static OrchestrationState? ParseState(string text) =>
        Array.Find(Enum.GetValues<OrchestrationState>(), state => JsonNamingPolicy.CamelCase.ConvertName($"{state}") == text)
            is var found && JsonNamingPolicy.CamelCase.ConvertName($"{found}") == text ? found : null;

    internal static JsonElement? Json(string? json) => json is null ? null : JsonElement.Parse(json);
}

internal sealed record OrchestrationDetails(OrchestrationView Instance, IReadOnlyList<OrchestrationHistoryView> History);

/// <param name="Kind">What happened, for example activityScheduled.</param>
/// <param name="At">When, where the engine says it.</param>
/// <param name="Task">A call and its outcome have the same.</param>
/// <param name="Name">Of the orchestration, activity or event.</param>
/// <param name="Payload">Input or output.</param>
/// <param name="Error">Why something failed.</param>
internal sealed record OrchestrationHistoryView(
    string Kind, DateTimeOffset? At, int? Task, string? Name, JsonElement? Payload, string? Error)
{
    public static OrchestrationHistoryView Of(OrchestrationHistoryEvent happened) => new(
        happened.Kind, happened.At, happened.TaskId, happened.Name, OrchestrationView.Json(happened.Payload), happened.Error);
}

/// <param name="Name">The orchestration's.</param>
/// <param name="Id">The instance's; a new one when left out.</param>
/// <param name="Input">What the orchestration gets, as its code reads it.</param>
/// <param name="Policy">When the id is taken: accept (the default; nothing happens), reject (409) or replace.</param>
internal sealed record StartRequest(
    [property: JsonRequired] string Name, string? Id = null, JsonElement? Input = null, string? Policy = null);

/// <param name="Id">The instance's.</param>
/// <param name="Outcome">started, accepted (the id was taken: nothing was done) or replaced.</param>
internal sealed record StartAnswer(string Id, string Outcome)
{
    public static StartAnswer Of(StartByNameOutcome.Done done) =>
        new(done.Id, JsonNamingPolicy.CamelCase.ConvertName($"{done.Outcome}"));
}

/// <param name="Reason">Kept as the instance's error.</param>
internal sealed record TerminateRequest(string? Reason = null);

/// <param name="Name">The event's; case does not count.</param>
/// <param name="Payload">What the orchestration gets; null when left out.</param>
internal sealed record RaiseEventRequest([property: JsonRequired] string Name, JsonElement? Payload = null);

[JsonSerializable(typeof(OrchestrationList))]
[JsonSerializable(typeof(OrchestrationView))]
[JsonSerializable(typeof(OrchestrationDetails))]
[JsonSerializable(typeof(StartRequest))]
[JsonSerializable(typeof(StartAnswer))]
[JsonSerializable(typeof(TerminateRequest))]
[JsonSerializable(typeof(RaiseEventRequest))]
[JsonSerializable(typeof(DateTimeOffset?))]
[JsonSerializable(typeof(int?))]
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true)]
internal sealed partial class OrchestrationJsonContext : JsonSerializerContext;
