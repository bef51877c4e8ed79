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
    private readonly int _maxPayloadBytes;
    private readonly ReplayPump _pump = new();
    private readonly ReplayContext _context;
    private Task<string>? _run;

    public ReplayExecution(
        Func<OrchestrationContext, string, Task<string>> code, string instanceId, int maxPayloadBytes)
    {
        _code = code;
        _maxPayloadBytes = maxPayloadBytes;
        _context = new ReplayContext(instanceId, maxPayloadBytes, _pump);
    }

    /// <summary>What the code has asked for since the last <see cref="StepStarted"/>, in its order.</summary>
    public IReadOnlyCollection<HistoryEvent> Actions => _context.Actions;

    /// <summary>False for a second outcome of a task, a second start, and everything after the end.</summary>
    public bool Accepts(HistoryEvent message) => message switch
    {
        Started => _run is null,
        ActivityCompleted e => IsWaitingFor(e.TaskId),
        ActivityFailed e => IsWaitingFor(e.TaskId),
        TimerFired e => IsWaitingFor(e.TaskId),
        _ => throw new UnreachableException(),
    };

    /// <exception cref="ReplayDivergedException">The code does something else than the history says.</exception>
    public void Apply(HistoryEvent happened)
    {
        switch (happened)
        {
            case StepStarted e:
                EnsureNothingIsNew();
                _context.MoveTo(e.At);
                break;
            case Started e:
                _pump.Run(() => _run = RunAsync(e.Input));
                break;
            case ActivityCompleted e:
                Wake(e.TaskId, task => task.SetResult(e.Output));
                break;
            case ActivityFailed e:
                Wake(e.TaskId, task => task.SetException(new AttemptFailedException(e.Error)));
                break;
            case TimerFired e:
                Wake(e.TaskId, static task => task.SetResult(""));
                break;
            case ActivityScheduled or TimerCreated:
                Match(happened);
                break;
            default:
                throw new ReplayDivergedException("it ended in history and is asked to go on");
        }
    }

    /// <summary>How the instance ended; null while it waits for something.</summary>
    public HistoryEvent? End()
    {
        if (_pump.WasEnteredFromOutside)
        {
            return new Failed(ErrorText.Of(new InvalidOperationException(ReplayPump.ForeignTask)));
        }

        return _run switch
        {
            null => null,
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

    private void Wake(int taskId, Action<TaskCompletionSource<string>> complete)
    {
        var task = _context.Close(taskId)
            ?? throw new ReplayDivergedException(
                $"history has an outcome of task {taskId}, which the code does not start");
        _pump.Run(() => complete(task));
    }

    private void Match(HistoryEvent recorded)
    {
        _context.Actions.TryDequeue(out var asked);
        var same = (recorded, asked) switch
        {
            // Inputs and times may differ: new code may compute them otherwise, and the recorded ones were used.
            (ActivityScheduled then, ActivityScheduled now) => (then.TaskId, then.Name) == (now.TaskId, now.Name),
            (TimerCreated then, TimerCreated now) => then.TaskId == now.TaskId,
            _ => false,
        };
        if (!same)
        {
            throw new ReplayDivergedException(
                $"history has {Describe(recorded)}, the code now asks for {Describe(asked)}");
        }
    }

    private void EnsureNothingIsNew()
    {
        if (_context.Actions.TryPeek(out var asked))
        {
            throw new ReplayDivergedException(
                $"the code now asks for {Describe(asked)}, history does not have it there");
        }

        if (_run is { IsCompleted: true })
        {
            throw new ReplayDivergedException("the code now ends where history goes on");
        }
    }

    private HistoryEvent Finish(string output)
    {
        try
        {
            PayloadTooLargeException.ThrowIfOver("output of the orchestration", output, _maxPayloadBytes);
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
        _ => "nothing",
    };
}

/// <summary>The code of a running instance was changed, or does not do the same every time.</summary>
internal sealed class ReplayDivergedException(string difference)
    : Exception($"{difference}: the orchestration's code was changed while this instance ran, or is not deterministic");
