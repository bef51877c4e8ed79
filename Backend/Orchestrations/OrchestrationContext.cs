using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.Extensions.Logging;

namespace Backend.Orchestrations;

/// <summary>
/// What an orchestration may use. Its code is replayed from history after every step and every crash, so it must be
/// deterministic: time, ids and all work come from here, and only tasks made here may be awaited.
/// </summary>
public abstract class OrchestrationContext
{
    public abstract string InstanceId { get; }

    /// <summary>The time of the step being run; the same in every replay of it.</summary>
    public abstract DateTimeOffset CurrentUtcTime { get; }

    /// <summary>Whether the code is being shown what it did before. For what must not happen again, such as logging.</summary>
    public abstract bool IsReplaying { get; }

    /// <summary>Bytes of UTF-8 that an input may have.</summary>
    protected abstract int MaxPayloadBytes { get; }

    protected abstract ILoggerFactory Loggers { get; }

    /// <summary>A new id; the same in every replay.</summary>
    public abstract Guid NewGuid();

    /// <summary>A task that completes at <paramref name="fireAt"/> or soon after, across restarts.</summary>
    public abstract Task CreateTimer(DateTimeOffset fireAt);

    /// <summary>
    /// Runs an activity at least once and records its first result. Started activities run in parallel until awaited;
    /// what is still running when the orchestration ends runs to its end, and its result is dropped.
    /// </summary>
    /// <param name="activity">What to run; registered with <c>AddActivity</c>.</param>
    /// <param name="input">What it is run with.</param>
    /// <param name="retry">One attempt when null.</param>
    /// <param name="timeout">
    /// How long one attempt may take: then its token is cancelled and it fails with a <c>TimeoutException</c>. More than
    /// nothing, at most a day; the engine's own limit when null.
    /// </param>
    /// <exception cref="ActivityFailedException">The activity threw in every attempt that the policy allows.</exception>
    /// <exception cref="PayloadTooLargeException">The input is over the engine's limit.</exception>
    public async Task<TOutput> CallActivityAsync<TInput, TOutput>(
        ActivityDefinition<TInput, TOutput> activity, TInput input, RetryPolicy? retry = null, TimeSpan? timeout = null)
    {
        ActivityTimeouts.ThrowIfInvalid(timeout);
        var json = Serialize($"input of activity {activity.Name}", input, activity.Input);
        var output = await AttemptAsync(
            attempt => RunActivityAsync(activity.Name, json, attempt, timeout),
            retry,
            error => new ActivityFailedException(activity.Name, error));
        // Outputs were written from the same type: null appears only where TOutput allows it.
        return JsonSerializer.Deserialize(output, activity.Output)!;
    }

    /// <summary>
    /// Runs another orchestration as an instance of its own and takes its result. Terminating this instance terminates
    /// the other one too; what is still running when this one ends otherwise runs on.
    /// </summary>
    /// <param name="orchestration">What to run; registered with <c>AddOrchestration</c>.</param>
    /// <param name="input">What it is run with.</param>
    /// <param name="instanceId">
    /// Its id. An ended instance of that id that this one started before is replaced; any other makes the call fail. When
    /// null, an id is derived that no other call has.
    /// </param>
    /// <param name="retry">One attempt when null; each is a new run.</param>
    /// <exception cref="SubOrchestrationFailedException">It failed or was terminated in every attempt.</exception>
    /// <exception cref="PayloadTooLargeException">The input is over the engine's limit.</exception>
    public async Task<TOutput> CallSubOrchestrationAsync<TInput, TOutput>(
        OrchestrationDefinition<TInput, TOutput> orchestration,
        TInput input,
        string? instanceId = null,
        RetryPolicy? retry = null)
    {
        if (instanceId is not null)
        {
            OrchestrationInstanceId.ThrowIfInvalid(instanceId);
        }

        var json = Serialize($"input of orchestration {orchestration.Name}", input, orchestration.Input);
        var output = await AttemptAsync(
            _ => RunSubOrchestrationAsync(orchestration.Name, json, instanceId),
            retry,
            error => new SubOrchestrationFailedException(orchestration.Name, error));
        // As above: null only where TOutput allows it.
        return JsonSerializer.Deserialize(output, orchestration.Output)!;
    }

    /// <summary>
    /// The next event of that name. Events that come before anybody waits are kept in their order; of several who wait,
    /// the first gets the first.
    /// </summary>
    /// <param name="definition">The same that raises it.</param>
    /// <param name="timeout">How long to wait; for ever when null.</param>
    /// <exception cref="EventTimeoutException">No such event came in that time; a later one goes to the next who waits.</exception>
    public async Task<T> WaitForEventAsync<T>(EventDefinition<T> definition, TimeSpan? timeout = null)
    {
        var until = timeout is { } time ? CurrentUtcTime + time : (DateTimeOffset?)null;
        var json = await ReceiveEventAsync(definition.Name, until)
            ?? throw new EventTimeoutException(definition.Name, timeout.GetValueOrDefault());
        // Whoever raises it writes it from the same type; what came in otherwise throws a JsonException here.
        return JsonSerializer.Deserialize(json, definition.Payload)!;
    }

    /// <summary>
    /// When the code returns, the instance starts over with <paramref name="input"/> and an empty history, and what the
    /// code returns is dropped. For what runs for ever: a history that only grows ends at the engine's limit.
    /// </summary>
    /// <param name="input">What the next run is run with.</param>
    /// <param name="type">From a generated JSON context; that of the orchestration's own input.</param>
    /// <param name="preserveUnprocessedEvents">Whether events that nobody waited for are there for the next run.</param>
    /// <exception cref="PayloadTooLargeException">The input is over the engine's limit.</exception>
    public void ContinueAsNew<TInput>(
        TInput input, JsonTypeInfo<TInput> type, bool preserveUnprocessedEvents = true) =>
        ContinueAsNew(Serialize("input of the next run", input, type), preserveUnprocessedEvents);

    /// <summary>Shows people how far the work is: a small value that is kept beside the instance's state.</summary>
    /// <exception cref="PayloadTooLargeException">It has more than 16 KiB of JSON, which is Durable Functions' limit.</exception>
    public void SetCustomStatus<T>(T status, JsonTypeInfo<T> type)
    {
        var json = JsonSerializer.Serialize(status, type);
        PayloadTooLargeException.ThrowIfOver("custom status", json, Math.Min(MaxPayloadBytes, 16 * 1024));
        SetCustomStatus(json);
    }

    /// <summary>A logger that is silent while the code is replayed: each line is logged once, unless a crash repeats it.</summary>
    public ILogger CreateReplaySafeLogger(string category) =>
        new ReplaySafeLogger(this, Loggers.CreateLogger(category));

    /// <inheritdoc cref="CreateReplaySafeLogger(string)"/>
    public ILogger CreateReplaySafeLogger<T>() => new ReplaySafeLogger(this, Loggers.CreateLogger<T>());

    /// <summary>One attempt of an activity.</summary>
    /// <exception cref="AttemptFailedException">It failed.</exception>
    protected abstract Task<string> RunActivityAsync(string name, string input, int attempt, TimeSpan? timeout);

    /// <summary>One run of another orchestration.</summary>
    /// <exception cref="AttemptFailedException">It failed, was terminated, or could not be started.</exception>
    protected abstract Task<string> RunSubOrchestrationAsync(string name, string input, string? instanceId);

    /// <summary>An event's payload; null when none came until then.</summary>
    protected abstract Task<string?> ReceiveEventAsync(string name, DateTimeOffset? until);

    protected abstract void ContinueAsNew(string input, bool preserveUnprocessedEvents);

    protected abstract void SetCustomStatus(string json);

    private async Task<string> AttemptAsync(
        Func<int, Task<string>> run, RetryPolicy? retry, Func<string, Exception> failed)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await run(attempt);
            }
            catch (AttemptFailedException failure)
            {
                if (retry is null || !retry.Allows(attempt, TaskError.Parse(failure.Message)))
                {
                    throw failed(failure.Message);
                }
            }

            await CreateTimer(CurrentUtcTime + retry.DelayAfter(attempt));
        }
    }

    private string Serialize<T>(string what, T value, JsonTypeInfo<T> type)
    {
        var json = JsonSerializer.Serialize(value, type);
        PayloadTooLargeException.ThrowIfOver(what, json, MaxPayloadBytes);
        return json;
    }
}
