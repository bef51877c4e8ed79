namespace Local.Orchestrations;

/// <summary>
/// Runs the continuations of one replay one after another, in the order in which they became ready, on the thread that
/// replays. This order depends on nothing but the history, which is what makes a replay repeatable.
/// </summary>
internal sealed class ReplayPump : SynchronizationContext
{
    public const string ForeignTask =
        "an orchestration may await only tasks of its context, without Task.Run and ConfigureAwait(false)";

    private readonly Queue<(SendOrPostCallback Callback, object? State)> _ready = new();
    private readonly int _thread = Environment.CurrentManagedThreadId;
    private volatile bool _wasEnteredFromOutside;
    private volatile bool _running;

    /// <summary>Whether a task that does not come from the context tried to go on with the orchestration.</summary>
    public bool WasEnteredFromOutside => _wasEnteredFromOutside;

    private bool IsCurrent => _running && Environment.CurrentManagedThreadId == _thread;

    /// <summary>Throws when the caller is not the orchestration's code, run by this pump.</summary>
    public void EnsureCurrent()
    {
        if (!IsCurrent)
        {
            _wasEnteredFromOutside = true;
            throw new InvalidOperationException(ForeignTask);
        }
    }

    public override void Post(SendOrPostCallback d, object? state)
    {
        if (IsCurrent)
        {
            _ready.Enqueue((d, state));
        }
        else
        {
            // Dropped: running it would give a result that no replay could give again.
            _wasEnteredFromOutside = true;
        }
    }

    public override void Send(SendOrPostCallback d, object? state) =>
        throw new NotSupportedException("an orchestration may not block");

    public override SynchronizationContext CreateCopy() => this;

    /// <summary>Runs code of the orchestration, or what wakes it, and then all that became ready by that.</summary>
    public void Run(Action first)
    {
        var outer = Current;
        SetSynchronizationContext(this);
        _running = true;
        try
        {
            first();
            while (_ready.TryDequeue(out var next))
            {
                next.Callback(next.State);
            }
        }
        finally
        {
            _running = false;
            SetSynchronizationContext(outer);
        }
    }
}
