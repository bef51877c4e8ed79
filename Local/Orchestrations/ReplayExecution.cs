using System.Diagnostics;
using Backend.Orchestrations;
using static Local.Orchestrations.HistoryEvent;

namespace Local.Orchestrations;

/// <summary>
/// An orchestration's code on its way through a history: outcomes wake it, and what it asks for is compared with what
/// the history says it asked for then.
/// </summary>
internal sealed class ReplayExecution
{
    private readonly Func<OrchestrationContext, string, Task<string>> _code;
    private readonly ReplaySettings _settings;
    private readonly ReplayPump _pump = new();
    private readonly ReplayContext _context;
    private Task<string>? _run;

    public ReplayExecution(
        Func<OrchestrationContext, string, Task<string>> code, string instanceId, int run, ReplaySettings settings)
    {
        _code = code;
        _settings = settings;
        _context = new ReplayContext(instanceId, run, settings, _pump);
    }

    /// <summary>What the code last set as its status; null when it never did.</summary>
    public string? CustomStatus => _context.CustomStatus;

    /// <summary>What the code has asked for since the last <see cref="StepStarted"/>, in its order.</summary>
    public List<HistoryEvent> NewActions() =>
    [
        .. _context.Actions.Select(action =>
            // Has come in the same step: there is nothing to give up any more.
            action is EventAwaited awaited && !_context.IsOpen(awaited.TaskId) ? awaited with { Until = null } : action),
    ];

    /// <exception cref="ReplayDivergedException">The code does something else than the history says.</exception>
    public void ApplyHistory(IReadOnlyList<HistoryEvent> history)
    {
        for (var i = 0; i < history.Count; i++)
        {
            if (i == history.Count - 1)
            {
                _context.EndOfHistory();
            }

            if (DifferenceAfter(history[i]) is { } difference)
            {
                throw new ReplayDivergedException(i + 1, difference);
            }
        }
    }

    /// <summary>False for a second outcome of a task, a second start, and everything after the end.</summary>
    public bool Accepts(HistoryEvent message) => message switch
    {
        Started => _run is null,
        ActivityCompleted e => IsWaitingFor(e.TaskId),
        ActivityFailed e => IsWaitingFor(e.TaskId),
        SubOrchestrationCompleted e => IsWaitingFor(e.TaskId),
        SubOrchestrationFailed e => IsWaitingFor(e.TaskId),
        TimerFired e => IsWaitingFor(e.TaskId),
        EventRaised => _run is not { IsCompleted: true }, // one that comes before the start is kept for it
        _ => throw new UnreachableException(),
    };

    /// <summary>Wakes the code with a message that it accepts.</summary>
    /// <returns>The message as the history keeps it.</returns>
    public HistoryEvent Receive(HistoryEvent message)
    {
        if (message is EventRaised raised)
        {
            var taskId = _context.Raise(raised);
            if (taskId is { } waiting)
            {
                Wake(waiting, task => task.SetResult(raised.Payload));
            }

            return raised with { TaskId = taskId };
        }

        DifferenceAfter(message); // none: the message was accepted
        return message;
    }

    /// <summary>How the instance ended; null while it waits for something.</summary>
    /// <param name="late">Events that came after the code had returned.</param>
    public HistoryEvent? End(IEnumerable<EventRaised> late)
    {
        if (_pump.WasEnteredFromOutside)
        {
            return new Failed(ErrorText.Of(new InvalidOperationException(ReplayPump.ForeignTask)));
        }

        return _run switch
        {
            null => null,
            { IsCompletedSuccessfully: true } when _context.NextRun is { } next => next with
            {
                Events = [.. _context.PreservesEvents ? _context.UnprocessedEvents() : [], .. late],
            },
            { IsCompletedSuccessfully: true } => Finish(_run.GetAwaiter().GetResult()),
            { IsFaulted: true } => new Failed(ErrorText.Of(_run.Exception.InnerException ?? _run.Exception)),
            { IsCanceled: true } => new Failed(ErrorText.Of(new TaskCanceledException(_run))),
            _ when !_context.HasOpenTasks =>
                new Failed(ErrorText.Of(new InvalidOperationException(ReplayPump.ForeignTask))),
            _ => null,
        };
    }

    // Async, so that code that throws before its first await fails the task and not the replay.
    private async Task<string> RunAsync(string input) => await _code(_context, input);

    private bool IsWaitingFor(int taskId) => _run is { IsCompleted: false } && _context.IsOpen(taskId);

    /// <summary>In what the code differs from history once it knows of <paramref name="happened"/>; null when in nothing.</summary>
    private string? DifferenceAfter(HistoryEvent happened)
    {
        switch (happened)
        {
            case StepStarted e:
                _context.MoveTo(e.At);
                return WhatIsNew();
            case Started e:
                _pump.Run(() => _run = RunAsync(e.Input));
                return null;
            case ActivityCompleted e:
                return Wake(e.TaskId, task => task.SetResult(e.Output));
            case ActivityFailed e:
                return Wake(e.TaskId, task => task.SetException(new AttemptFailedException(e.Error)));
            case SubOrchestrationCompleted e:
                return Wake(e.TaskId, task => task.SetResult(e.Output));
            case SubOrchestrationFailed e:
                return Wake(e.TaskId, task => task.SetException(new AttemptFailedException(e.Error)));
            case TimerFired e:
                return Wake(e.TaskId, static task => task.SetResult(null));
            case EventRaised e:
                return Receive(e) == e
                    ? null
                    : $"history has event {e.Name} for {Describe(e.TaskId)}, the code now has another that waits for it";
            case ActivityScheduled or TimerCreated or SubOrchestrationCreated or EventAwaited:
                return Match(happened);
            default:
                return "history has an end, and is asked to go on";
        }
    }

    private string? Wake(int taskId, Action<TaskCompletionSource<string?>> complete)
    {
        if (_context.Close(taskId) is not { } task)
        {
            return $"history has an outcome of task {taskId}, which the code does not start";
        }

        _pump.Run(() => complete(task));
        return null;
    }

    private string? Match(HistoryEvent recorded)
    {
        _context.Actions.TryDequeue(out var asked);
        // Inputs and times may differ: new code may compute them otherwise, and the recorded ones were used.
        var same = (recorded, asked) switch
        {
            (ActivityScheduled then, ActivityScheduled now) => (then.TaskId, then.Name) == (now.TaskId, now.Name),
            (TimerCreated then, TimerCreated now) => then.TaskId == now.TaskId,
            (SubOrchestrationCreated then, SubOrchestrationCreated now) =>
                (then.TaskId, then.Name) == (now.TaskId, now.Name),
            (EventAwaited then, EventAwaited now) => (then.TaskId, then.Name) == (now.TaskId, now.Name),
            _ => false,
        };
        return same ? null : $"history has {Describe(recorded)}, the code now asks for {Describe(asked)}";
    }

    private string? WhatIsNew() =>
        _context.Actions.TryPeek(out var asked)
            ? $"the code now asks for {Describe(asked)}, history does not have it there"
            : _run is { IsCompleted: true } ? "the code now ends where history goes on" : null;

    private HistoryEvent Finish(string output)
    {
        try
        {
            PayloadTooLargeException.ThrowIfOver("output of the orchestration", output, _settings.MaxPayloadBytes);
            return new Completed(output);
        }
        catch (PayloadTooLargeException exception)
        {
            return new Failed(ErrorText.Of(exception));
        }
    }

    private static string Describe(HistoryEvent? action) => action switch
    {
        ActivityScheduled e => $"activity {e.Name} as task {e.TaskId}",
        TimerCreated e => $"a timer as task {e.TaskId}",
        SubOrchestrationCreated e => $"orchestration {e.Name} as task {e.TaskId}",
        EventAwaited e => $"a wait for event {e.Name} as task {e.TaskId}",
        _ => "nothing",
    };

    private static string Describe(int? taskId) => taskId is null ? "nobody" : $"task {taskId}";
}

/// <summary>The code of a running instance was changed, or does not do the same every time.</summary>
/// <param name="position">The event, counted from 1, at which that was seen.</param>
/// <param name="difference">What history has there, and what the code does.</param>
internal sealed class ReplayDivergedException(int position, string difference) : Exception(
    $"at event {position} {difference}: the orchestration's code was changed while this instance ran, or is not deterministic");
