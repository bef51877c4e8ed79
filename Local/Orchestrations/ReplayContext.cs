using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Backend.Orchestrations;

namespace Local.Orchestrations;

/// <summary>What the code sees during a replay: every call becomes a numbered task and an action.</summary>
internal sealed class ReplayContext(string instanceId, int maxPayloadBytes, ReplayPump pump) : OrchestrationContext
{
    private readonly Dictionary<int, TaskCompletionSource<string>> _open = [];
    private readonly Queue<HistoryEvent> _actions = new();
    private DateTimeOffset _now;
    private int _lastTaskId;
    private int _guids;

    public override string InstanceId => instanceId;

    public override DateTimeOffset CurrentUtcTime => _now;

    /// <summary>What the code asked for and the history has not shown yet.</summary>
    public Queue<HistoryEvent> Actions => _actions;

    public bool HasOpenTasks => _open.Count > 0;

    public void MoveTo(DateTimeOffset now) => _now = now;

    public bool IsOpen(int taskId) => _open.ContainsKey(taskId);

    /// <summary>Removes a task that has its outcome; null when it had one before.</summary>
    public TaskCompletionSource<string>? Close(int taskId) => _open.Remove(taskId, out var task) ? task : null;

    public override Guid NewGuid()
    {
        pump.EnsureCurrent();
        // Version 8 of RFC 9562: a name-based id over a hash of one's choice. The time of the step is part of the name,
        // so an instance that is started again after a purge gets other ids.
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes($"{instanceId}\n{_now.ToUnixTimeMilliseconds()}\n{++_guids}"), hash);
        hash[6] = (byte)((hash[6] & 0x0F) | 0x80);
        hash[8] = (byte)((hash[8] & 0x3F) | 0x80);
        return new Guid(hash[..16], bigEndian: true);
    }

    public override async Task<TOutput> CallActivityAsync<TInput, TOutput>(
        ActivityDefinition<TInput, TOutput> activity, TInput input, RetryPolicy? retry = null)
    {
        var json = JsonSerializer.Serialize(input, activity.Input);
        PayloadTooLargeException.ThrowIfOver($"input of activity {activity.Name}", json, maxPayloadBytes);
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                var number = attempt;
                var output = await Ask(id => new HistoryEvent.ActivityScheduled(id, activity.Name, json, number));
                // Outputs were written from the same type: null appears only where TOutput allows it.
                return JsonSerializer.Deserialize(output, activity.Output)!;
            }
            catch (AttemptFailedException failure)
            {
                if (retry is null || attempt >= retry.MaxAttempts)
                {
                    throw new ActivityFailedException(activity.Name, failure.Message);
                }
            }

            await CreateTimer(_now + retry.DelayAfter(attempt));
        }
    }

    public override Task CreateTimer(DateTimeOffset fireAt)
    {
        // Up to the next millisecond, which is what the history keeps: a timer may be late, never early.
        var milliseconds = fireAt.ToUnixTimeMilliseconds();
        var kept = DateTimeOffset.FromUnixTimeMilliseconds(milliseconds);
        var rounded = kept < fireAt ? kept.AddMilliseconds(1) : kept;
        return Ask(id => new HistoryEvent.TimerCreated(id, rounded));
    }

    private Task<string> Ask(Func<int, HistoryEvent> action)
    {
        pump.EnsureCurrent();
        var id = ++_lastTaskId;
        // Continuations run inline on purpose: the pump decides about their order.
        var task = new TaskCompletionSource<string>();
        _open.Add(id, task);
        _actions.Enqueue(action(id));
        return task.Task;
    }
}

/// <summary>One attempt failed; the retry loop above turns the last one into what the code sees.</summary>
internal sealed class AttemptFailedException(string error) : Exception(error);
