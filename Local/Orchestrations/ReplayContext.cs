using System.Security.Cryptography;
using System.Text;
using Backend.Orchestrations;
using static Local.Orchestrations.HistoryEvent;

namespace Local.Orchestrations;

/// <summary>What the code sees during a replay: every call becomes a numbered task and an action.</summary>
internal sealed class ReplayContext(string instanceId, int run, ReplaySettings settings, ReplayPump pump)
    : OrchestrationContext
{
    private readonly Dictionary<int, OpenTask> _open = [];
    private readonly Queue<HistoryEvent> _actions = new();
    private readonly EventQueues<int> _events = new();
    private DateTimeOffset _now;
    private bool _isReplaying = true;
    private int _lastTaskId;
    private int _guids;

    public override string InstanceId => instanceId;

    public override DateTimeOffset CurrentUtcTime => _now;

    public override bool IsReplaying => _isReplaying;

    /// <summary>What the code asked for and the history has not shown yet.</summary>
    public Queue<HistoryEvent> Actions => _actions;

    public bool HasOpenTasks => _open.Count > 0;

    /// <summary>What the code last set; null when it never did.</summary>
    public string? CustomStatus { get; private set; }

    /// <summary>The next run, once the code has asked for one.</summary>
    public ContinuedAsNew? NextRun { get; private set; }

    protected override int MaxPayloadBytes => settings.MaxPayloadBytes;

    protected override ILoggerFactory Loggers => settings.Loggers;

    public void MoveTo(DateTimeOffset now) => _now = now;

    /// <summary>From here on the code does what it has not done before.</summary>
    public void EndOfHistory() => _isReplaying = false;

    public bool IsOpen(int taskId) => _open.ContainsKey(taskId);

    /// <summary>Removes a task that has its outcome; null when it had one before.</summary>
    public TaskCompletionSource<string?>? Close(int taskId)
    {
        if (!_open.Remove(taskId, out var task))
        {
            return null;
        }

        if (task.Event is { } name)
        {
            _events.GiveUp(name, taskId);
        }

        return task.Source;
    }

    /// <summary>The task that waits for the event; null when none does, and it is kept.</summary>
    public int? Raise(EventRaised raised) =>
        _events.TryRaise(new RaisedEvent(raised.Name, raised.Payload), out var taskId) ? taskId : null;

    /// <summary>Events that nobody waited for.</summary>
    public IEnumerable<EventRaised> UnprocessedEvents() =>
        _events.Unprocessed.Select(static e => new EventRaised(null, e.Name, e.Payload));

    public override Guid NewGuid()
    {
        pump.EnsureCurrent();
        // Version 8 of RFC 9562: a name-based id over a hash of one's choice. The time of the step is part of the name,
        // so an instance that is started again after a purge gets other ids; so is the run, from the second on.
        var name = $"{instanceId}\n{_now.ToUnixTimeMilliseconds()}\n{++_guids}{(run > 1 ? $"\n{run}" : "")}";
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes(name), hash);
        hash[6] = (byte)((hash[6] & 0x0F) | 0x80);
        hash[8] = (byte)((hash[8] & 0x3F) | 0x80);
        return new Guid(hash[..16], bigEndian: true);
    }

    public override Task CreateTimer(DateTimeOffset fireAt) => Ask(id => new TimerCreated(id, RoundUp(fireAt)));

    protected override Task<string> RunActivityAsync(string name, string input, int attempt, TimeSpan? timeout) =>
        Ask(id => new ActivityScheduled(id, name, input, attempt, timeout))!; // outcomes of activities are never null

    protected override Task<string> RunSubOrchestrationAsync(string name, string input, string? instanceId) =>
        Ask(id => new SubOrchestrationCreated(id, name, input, instanceId ?? DerivedId(id)))!; // as above

    protected override Task<string?> ReceiveEventAsync(string name, DateTimeOffset? until)
    {
        if (_events.Take(name) is { } raised)
        {
            // Part of the history all the same: code that no longer waits here is told by it.
            _actions.Enqueue(new EventAwaited(NextTaskId(), name, null));
            return Task.FromResult<string?>(raised.Payload);
        }

        var task = Ask(id => new EventAwaited(id, name, until is { } time ? RoundUp(time) : null), name);
        _events.Wait(name, _lastTaskId);
        return task;
    }

    protected override void ContinueAsNew(string input, bool preserveUnprocessedEvents)
    {
        pump.EnsureCurrent();
        NextRun = new ContinuedAsNew(input, []);
        PreservesEvents = preserveUnprocessedEvents;
    }

    public bool PreservesEvents { get; private set; }

    protected override void SetCustomStatus(string json)
    {
        pump.EnsureCurrent();
        CustomStatus = json;
    }

    /// <summary>Up to the next millisecond, which is what the history keeps: a timer may be late, never early.</summary>
    private static DateTimeOffset RoundUp(DateTimeOffset time)
    {
        var kept = DateTimeOffset.FromUnixTimeMilliseconds(time.ToUnixTimeMilliseconds());
        return kept < time ? kept.AddMilliseconds(1) : kept;
    }

    /// <summary>Readable where there is room; the run keeps apart what its tasks' numbers do not.</summary>
    private string DerivedId(int taskId)
    {
        var id = $"{instanceId}:{run}.{taskId}";
        return id.Length <= OrchestrationInstanceId.MaxLength
            ? id
            : $"sub:{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(id)))}";
    }

    private Task<string?> Ask(Func<int, HistoryEvent> action, string? eventName = null)
    {
        var id = NextTaskId();
        // Continuations run inline on purpose: the pump decides about their order.
        var task = new TaskCompletionSource<string?>();
        _open.Add(id, new OpenTask(task, eventName));
        _actions.Enqueue(action(id));
        return task.Task;
    }

    private int NextTaskId()
    {
        pump.EnsureCurrent();
        // Each task is an event at least: code in a loop without an end is stopped before it fills the memory.
        return ++_lastTaskId <= settings.MaxHistoryEvents
            ? _lastTaskId
            : throw new HistoryTooLongException(settings.MaxHistoryEvents);
    }

    private readonly record struct OpenTask(TaskCompletionSource<string?> Source, string? Event);
}

/// <summary>What all replays of an engine have in common.</summary>
/// <param name="MaxPayloadBytes">Of every input and output, in UTF-8.</param>
/// <param name="MaxHistoryEvents">In one run of an instance.</param>
/// <param name="Loggers">For what the code logs.</param>
internal sealed record ReplaySettings(int MaxPayloadBytes, int MaxHistoryEvents, ILoggerFactory Loggers);

/// <summary>An instance has more history than one run may have.</summary>
internal sealed class HistoryTooLongException(int limit)
    : Exception($"the history would have more than {limit} events: use ContinueAsNew, or several instances");
