namespace Backend.Orchestrations;

/// <param name="InstanceId">The id it was started under.</param>
/// <param name="Name">The orchestration's name.</param>
/// <param name="State">Where it stands.</param>
/// <param name="CreatedAt">When it was started.</param>
/// <param name="UpdatedAt">When it last made a step.</param>
/// <param name="Output">Its result as JSON once completed.</param>
/// <param name="Error">Type and message of what it threw once failed; the reason once terminated.</param>
/// <param name="CustomStatus">What its code last set, as JSON.</param>
/// <param name="ParentId">The instance that called it, where the engine keeps that.</param>
public sealed record OrchestrationInstance(
    string InstanceId,
    string Name,
    OrchestrationState State,
    DateTimeOffset CreatedAt,
    DateTimeOffset UpdatedAt,
    string? Output,
    string? Error,
    string? CustomStatus = null,
    string? ParentId = null);

/// <summary>Stored: a number keeps its meaning for ever. From 2 on an instance has ended.</summary>
public enum OrchestrationState
{
    Pending = 0,
    Running = 1,
    Completed = 2,
    Failed = 3,
    Terminated = 4,
}

public static class OrchestrationStates
{
    public static bool HasEnded(this OrchestrationState state) => state >= OrchestrationState.Completed;
}

/// <param name="State">Only instances that stand there.</param>
/// <param name="Name">Only instances of this orchestration.</param>
/// <param name="CreatedFrom">Only instances started then or later.</param>
/// <param name="CreatedBefore">Only instances started before.</param>
/// <param name="Limit">How many at most.</param>
/// <param name="After">The <see cref="OrchestrationPage.Next"/> of the page before.</param>
public sealed record OrchestrationQuery(
    OrchestrationState? State = null,
    string? Name = null,
    DateTimeOffset? CreatedFrom = null,
    DateTimeOffset? CreatedBefore = null,
    int Limit = 50,
    string? After = null);

/// <param name="Items">In the order of the engine.</param>
/// <param name="Next">Where the next page begins, in the engine's own words; null after the last.</param>
public sealed record OrchestrationPage(IReadOnlyList<OrchestrationInstance> Items, string? Next);

/// <param name="Kind">What happened, for example <c>activityScheduled</c>.</param>
/// <param name="At">When; null where an engine does not say.</param>
/// <param name="TaskId">What it belongs to: a call and its outcome have the same.</param>
/// <param name="Name">Of the orchestration, activity or event.</param>
/// <param name="Payload">Input or output as JSON.</param>
/// <param name="Error">Type and message, where something failed.</param>
public sealed record OrchestrationHistoryEvent(
    string Kind, DateTimeOffset? At, int? TaskId, string? Name, string? Payload, string? Error);
