using System.Text.Json.Serialization;
using Backend.Orchestrations;

namespace Backend.Changes;

/// <summary>
/// Delivers the changes of one scope that wait for one handler, after growing pauses as long as the first of them fails,
/// until none is left. There is one instance for each list, for admins to see, to hurry (<see cref="Proceed"/>) and to end.
/// </summary>
public sealed class DeliverWaitingChanges : IOrchestration<WaitingChangesInput, long>
{
    /// <summary>What is kept of one run in the history, before it starts over with an empty one.</summary>
    private const int RoundsOfARun = 100;

    /// <summary>
    /// Ends a pause: with <c>retry</c> the change is tried at once, with <c>skip</c> it is given up and what follows is
    /// delivered.
    /// </summary>
    public static EventDefinition<string> Proceed { get; } = new("Proceed", WaitingChangesJsonContext.Default.String);

    public static OrchestrationDefinition<WaitingChangesInput, long> Definition { get; } = new(
        nameof(DeliverWaitingChanges), WaitingChangesJsonContext.Default.WaitingChangesInput,
        WaitingChangesJsonContext.Default.Int64);

    /// <returns>How many changes were delivered.</returns>
    public async Task<long> RunAsync(OrchestrationContext context, WaitingChangesInput input)
    {
        var (failures, error, delivered) = (input.Failures, input.Error, input.Delivered);
        for (var round = 0; round < RoundsOfARun; round++)
        {
            var skips = false;
            if (failures > 0)
            {
                var pause = input.DelayAfter(failures);
                Show(context, new WaitingChangesStatus(
                    input.Handler, input.Scope, delivered, failures, error, context.CurrentUtcTime + pause));
                skips = await PauseAsync(context, pause);
            }

            var result = await DeliverAsync(context, input with { Skips = skips });
            delivered += result.Delivered;
            if (result is { Error: null, IsDone: true })
            {
                Show(context, new WaitingChangesStatus(input.Handler, input.Scope, delivered));
                return delivered;
            }

            // A failure after others were delivered is the first of another one.
            error = result.Error;
            failures = error is null ? 0 : result.Delivered > 0 ? 1 : failures + 1;
        }

        context.ContinueAsNew(
            input with { Failures = failures, Error = error, Delivered = delivered },
            WaitingChangesJsonContext.Default.WaitingChangesInput);
        return delivered;
    }

    /// <returns>Whether the change that comes next is given up.</returns>
    private static async Task<bool> PauseAsync(OrchestrationContext context, TimeSpan pause)
    {
        try
        {
            return await context.WaitForEventAsync(Proceed, pause) == "skip";
        }
        catch (EventTimeoutException)
        {
            return false;
        }
    }

    private static async Task<WaitingChangesResult> DeliverAsync(OrchestrationContext context, WaitingChangesInput input)
    {
        try
        {
            return await context.CallActivityAsync(DeliverWaiting.Definition, input, timeout: input.ActivityTimeout);
        }
        catch (ActivityFailedException exception)
        {
            return new WaitingChangesResult(0, false, exception.Message); // the store is away, for example
        }
    }

    private static void Show(OrchestrationContext context, WaitingChangesStatus status) => context.SetCustomStatus(
        status with { Error = status.Error is { Length: > 1_000 } long_ ? long_[..1_000] : status.Error },
        WaitingChangesJsonContext.Default.WaitingChangesStatus);
}

/// <param name="Handler">The handler's name.</param>
/// <param name="Scope">The scope.</param>
/// <param name="Generation">Which list of changes.</param>
/// <param name="RetrySeconds">The pause after a first failure, in seconds.</param>
/// <param name="MaxRetrySeconds">The longest pause, in seconds.</param>
/// <param name="HandlerTimeoutSeconds">How long the handler may take for a change, in seconds.</param>
/// <param name="Failures">How often the change that comes next has failed in a row.</param>
/// <param name="Error">How it failed last.</param>
/// <param name="Delivered">How many were delivered in earlier runs.</param>
/// <param name="Skips">Whether the change that comes next is given up.</param>
public sealed record WaitingChangesInput(
    string Handler,
    string Scope,
    string Generation,
    int RetrySeconds,
    int MaxRetrySeconds,
    int HandlerTimeoutSeconds,
    int Failures = 0,
    string? Error = null,
    long Delivered = 0,
    bool Skips = false)
{
    /// <summary>For what one call begins within the handler's time, and the last of it.</summary>
    [JsonIgnore]
    public TimeSpan ActivityTimeout => TimeSpan.FromSeconds((2 * HandlerTimeoutSeconds) + 60);

    public TimeSpan DelayAfter(int failures)
    {
        var first = TimeSpan.FromSeconds(RetrySeconds);
        return new RetryPolicy(1, first, MaxDelay: TimeSpan.FromSeconds(MaxRetrySeconds)).DelayAfter(failures);
    }
}

/// <summary>What admins see of it.</summary>
/// <param name="Handler">The handler's name.</param>
/// <param name="Scope">The scope.</param>
/// <param name="Delivered">How many changes were delivered so far.</param>
/// <param name="Failures">How often the change that comes next has failed in a row.</param>
/// <param name="Error">How it failed last.</param>
/// <param name="NextAttempt">When it is tried again.</param>
public sealed record WaitingChangesStatus(
    string Handler, string Scope, long Delivered, int Failures = 0, string? Error = null, DateTimeOffset? NextAttempt = null);

/// <param name="Delivered">How many were delivered.</param>
/// <param name="IsDone">Whether nothing waits any more.</param>
/// <param name="Error">How the one that comes next failed; null when none did.</param>
public sealed record WaitingChangesResult(int Delivered, bool IsDone, string? Error);

[JsonSerializable(typeof(WaitingChangesInput))]
[JsonSerializable(typeof(WaitingChangesStatus))]
[JsonSerializable(typeof(WaitingChangesResult))]
[JsonSerializable(typeof(string))]
[JsonSerializable(typeof(long))]
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
internal sealed partial class WaitingChangesJsonContext : JsonSerializerContext;
