namespace Functions.Tests.Fixtures;

/// <summary>
/// The latest version of every document in the order of its last write, per container and logical partition: what a
/// change feed shows.
/// </summary>
internal sealed class CosmosWriteLog
{
    private readonly Lock _lock = new();
    private readonly Dictionary<(string Container, string Partition), SortedList<long, byte[]>> _partitions = [];
    private readonly Dictionary<(string Container, string Partition, string Id), long> _numbers = [];
    private long _last;

    /// <summary>Held while a write is sent and noted, so that the log has the order in which the server applied them.</summary>
    public SemaphoreSlim WriteTurn { get; } = new(1);

    public void Written(string container, string partition, string id, byte[] document)
    {
        lock (_lock)
        {
            Forget(container, partition, id);
            if (!_partitions.TryGetValue((container, partition), out var entries))
            {
                _partitions[(container, partition)] = entries = [];
            }

            entries.Add(++_last, document);
            _numbers[(container, partition, id)] = _last;
        }
    }

    public void Deleted(string container, string partition, string id)
    {
        lock (_lock)
        {
            Forget(container, partition, id);
            _last++;
        }
    }

    /// <param name="container">The container.</param>
    /// <param name="partition">The logical partition; null for all.</param>
    /// <param name="after">The number after which to read; null for "from now on".</param>
    /// <param name="limit">At most this many.</param>
    public (IReadOnlyList<byte[]> Documents, long Position) Read(string container, string? partition, long? after, int limit)
    {
        lock (_lock)
        {
            var page = _partitions
                .Where(p => p.Key.Container == container && (partition is null || p.Key.Partition == partition))
                .SelectMany(p => p.Value)
                .Where(e => e.Key > (after ?? _last))
                .OrderBy(e => e.Key)
                .Take(limit)
                .ToList();
            return ([.. page.Select(e => e.Value)], page.Count > 0 ? page[^1].Key : _last);
        }
    }

    private void Forget(string container, string partition, string id)
    {
        if (_numbers.Remove((container, partition, id), out var number))
        {
            _partitions[(container, partition)].Remove(number);
        }
    }

}
