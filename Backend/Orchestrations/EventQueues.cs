using System.Diagnostics.CodeAnalysis;

namespace Backend.Orchestrations;

/// <summary>Brings events and those who wait for them together, by name, the first with the first.</summary>
/// <typeparam name="TWaiter">How an engine knows who waits.</typeparam>
internal sealed class EventQueues<TWaiter>
    where TWaiter : notnull
{
    private readonly Dictionary<string, LinkedList<TWaiter>> _waiters = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>One list, since the order between names counts when they go to the next run.</summary>
    private readonly LinkedList<RaisedEvent> _unprocessed = [];

    /// <summary>Events that nobody has waited for yet, in the order in which they came.</summary>
    public IReadOnlyCollection<RaisedEvent> Unprocessed => _unprocessed;

    /// <summary>Takes the oldest event of that name; null when there is none, and the waiter is to be put in line.</summary>
    public RaisedEvent? Take(string name)
    {
        for (var node = _unprocessed.First; node is not null; node = node.Next)
        {
            if (string.Equals(node.Value.Name, name, StringComparison.OrdinalIgnoreCase))
            {
                _unprocessed.Remove(node);
                return node.Value;
            }
        }

        return null;
    }

    public void Wait(string name, TWaiter waiter)
    {
        if (!_waiters.TryGetValue(name, out var line))
        {
            _waiters[name] = line = [];
        }

        line.AddLast(waiter);
    }

    /// <summary>Leaves the line: the time was up.</summary>
    public void GiveUp(string name, TWaiter waiter) => _waiters.GetValueOrDefault(name)?.Remove(waiter);

    public bool HasWaiter(string name) => _waiters.GetValueOrDefault(name) is { Count: > 0 };

    /// <summary>Keeps the event for later, or takes the first who waits for it out of the line.</summary>
    /// <returns>Whether somebody waited.</returns>
    public bool TryRaise(RaisedEvent raised, [MaybeNullWhen(false)] out TWaiter waiter)
    {
        if (_waiters.GetValueOrDefault(raised.Name) is { First: { } first } line)
        {
            line.RemoveFirst();
            waiter = first.Value;
            return true;
        }

        _unprocessed.AddLast(raised);
        waiter = default;
        return false;
    }
}

/// <param name="Name">Its definition's.</param>
/// <param name="Payload">As JSON.</param>
internal sealed record RaisedEvent(string Name, string Payload);
