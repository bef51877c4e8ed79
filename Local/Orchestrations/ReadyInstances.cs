using System.Runtime.CompilerServices;
using System.Threading.Channels;

namespace Local.Orchestrations;

/// <summary>
/// Instances that have messages, first come, first served. An instance is handed out to one step at a time; what
/// arrives during its step brings it back afterwards.
/// </summary>
internal sealed class ReadyInstances
{
    private readonly Lock _lock = new();

    /// <summary>The instances that wait or are being stepped, and whether they came in again since.</summary>
    private readonly Dictionary<string, bool> _known = new(StringComparer.Ordinal);

    private readonly HashSet<string> _parked = new(StringComparer.Ordinal);

    private Channel<string> _queue = Channel.CreateUnbounded<string>();

    /// <summary>Forgets everything. The database knows it all; the engine reads it from there when it starts.</summary>
    public void Clear()
    {
        lock (_lock)
        {
            _known.Clear();
            _parked.Clear();
            _queue = Channel.CreateUnbounded<string>();
        }
    }

    public void Add(string instanceId)
    {
        lock (_lock)
        {
            if (_parked.Contains(instanceId))
            {
                return;
            }

            if (_known.TryAdd(instanceId, false))
            {
                _queue.Writer.TryWrite(instanceId);
            }
            else
            {
                _known[instanceId] = true;
            }
        }
    }

    public async IAsyncEnumerable<string> TakeAllAsync([EnumeratorCancellation] CancellationToken ct)
    {
        await foreach (var instanceId in CurrentQueue().ReadAllAsync(ct))
        {
            lock (_lock)
            {
                // The step that follows sees all that came until now.
                _known[instanceId] = false;
            }

            yield return instanceId;
        }
    }

    /// <summary>To be called after the step of an instance that was handed out.</summary>
    public void Done(string instanceId)
    {
        lock (_lock)
        {
            if (_known.Remove(instanceId, out var again) && again)
            {
                Add(instanceId);
            }
        }
    }

    /// <summary>Leaves an instance that this program cannot step alone until the engine starts again.</summary>
    public void Park(string instanceId)
    {
        lock (_lock)
        {
            _parked.Add(instanceId);
        }
    }

    private ChannelReader<string> CurrentQueue()
    {
        lock (_lock)
        {
            return _queue.Reader;
        }
    }
}
