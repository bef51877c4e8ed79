using Backend.Orchestrations;
using Microsoft.DurableTask;
using Microsoft.Extensions.Logging;

namespace Functions.Orchestrations;

/// <summary>
/// Durable Functions as the product's orchestrations see it. Retries are made above, as for the embedded engine, and not
/// by Durable's own options: the same waits and the same error in the end.
/// </summary>
internal sealed class DurableOrchestrationContext(TaskOrchestrationContext durable, ILoggerFactory loggers)
    : OrchestrationContext
{
    private static readonly TimeSpan Granularity = TimeSpan.FromSeconds(1);

    private readonly EventQueues<TaskCompletionSource<string>> _events = new();
    private readonly HashSet<string> _listening = new(StringComparer.OrdinalIgnoreCase);
    private DurableStatus _status = new();

    public override string InstanceId => durable.InstanceId;

    public override DateTimeOffset CurrentUtcTime =>
        new(DateTime.SpecifyKind(durable.CurrentUtcDateTime, DateTimeKind.Utc));

    public override bool IsReplaying => durable.IsReplaying;

    protected override int MaxPayloadBytes => DurablePayload.MaxBytes;

    protected override ILoggerFactory Loggers => loggers;

    public override Guid NewGuid() => durable.NewGuid();

    public override Task CreateTimer(DateTimeOffset fireAt) => CreateTimer(fireAt, CancellationToken.None);

    /// <summary>
    /// What the host keeps of an exception differs between its versions; the custom status is kept as it is.
    /// </summary>
    public void KeepError(Exception exception) => SetStatus(_status with { Error = ErrorText.Of(exception) });

    protected override async Task<string> RunActivityAsync(string name, string input, int attempt, TimeSpan? timeout)
    {
        var call = new ActivityCall(input, (long?)timeout?.TotalMilliseconds);
        try
        {
            var outcome = ActivityOutcome.Parse(await durable.CallActivityAsync<string>(name, call.ToJson()));
            return outcome.Output ?? throw new AttemptFailedException(outcome.Error ?? "no reason given");
        }
        catch (TaskFailedException exception)
        {
            // Not the activity itself, whose errors are outcomes, but the host: out of memory, time-out, no such function.
            throw new AttemptFailedException(DurablePayload.ErrorOf(exception.FailureDetails));
        }
    }

    protected override async Task<string> RunSubOrchestrationAsync(string name, string input, string? instanceId)
    {
        var id = instanceId ?? $"{durable.NewGuid():n}";
        SetStatus(_status with { Children = [.. (_status.Children ?? []).Append(id)] });
        try
        {
            var options = new SubOrchestrationOptions(retry: null, id);
            return await durable.CallSubOrchestratorAsync<string>(name, input, options);
        }
        catch (TaskFailedException exception)
        {
            // One that was terminated did not fail, and the library has no details of it.
            throw new AttemptFailedException(exception.FailureDetails is { ErrorType: not null } failure
                ? DurablePayload.ErrorOf(failure)
                : "Terminated: by an administrator");
        }
        finally
        {
            SetStatus(_status with { Children = [.. (_status.Children ?? []).Where(child => child != id)] });
        }
    }

    /// <summary>
    /// Lines of its own: Durable serves the last who waits first, and hands events to those who gave up.
    /// </summary>
    protected override async Task<string?> ReceiveEventAsync(string name, DateTimeOffset? until)
    {
        if (_events.Take(name) is { } early)
        {
            return early.Payload;
        }

        var waiter = new TaskCompletionSource<string>();
        _events.Wait(name, waiter);
        _ = ListenAsync(name);
        if (until is null)
        {
            return await waiter.Task;
        }

        using var timeUp = new CancellationTokenSource();
        var timer = CreateTimer(until.Value, timeUp.Token);
        if (await Task.WhenAny(waiter.Task, timer) == waiter.Task)
        {
            // Durable keeps an instance running until its timers have ended. Not the asynchronous way, which would leave
            // the thread that an orchestration has to stay on.
            timeUp.Cancel();
            return await waiter.Task;
        }

        _events.GiveUp(name, waiter);
        return null;
    }

    protected override void ContinueAsNew(string input, bool preserveUnprocessedEvents)
    {
        foreach (var unprocessed in preserveUnprocessedEvents ? _events.Unprocessed : [])
        {
            durable.SendEvent(InstanceId, unprocessed.Name, unprocessed.Payload);
        }

        durable.ContinueAsNew(input, preserveUnprocessedEvents);
    }

    protected override void SetCustomStatus(string json) => SetStatus(_status with { Custom = json });

    private void SetStatus(DurableStatus status)
    {
        _status = status;
        durable.SetCustomStatus(status.ForStorage().ToJson());
    }

    private async Task ListenAsync(string name)
    {
        if (!_listening.Add(name))
        {
            return;
        }

        do
        {
            var payload = await durable.WaitForExternalEvent<string>(name);
            if (_events.TryRaise(new RaisedEvent(name, payload), out var waiter))
            {
                waiter.SetResult(payload);
            }
        }
        while (_events.HasWaiter(name));
        _listening.Remove(name);
    }

    private async Task CreateTimer(DateTimeOffset fireAt, CancellationToken ct)
    {
        // A timer is a queue message that is hidden for a time, which storage takes in whole seconds and Durable rounds
        // down: asked for as it is, it would fire up to a second early. Again only if the machines' clocks differ.
        do
        {
            await durable.CreateTimer((fireAt + Granularity).UtcDateTime, ct);
        }
        while (CurrentUtcTime < fireAt);
    }
}
