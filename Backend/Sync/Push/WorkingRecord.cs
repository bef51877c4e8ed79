using Backend.Hooks;
using Backend.Records;

namespace Backend.Sync.Push;

/// <summary>A record while a request's mutations of it are put together, to be written once.</summary>
internal sealed class WorkingRecord(ScopeAccess entered)
{
    private readonly List<RecordWrite?> _writes = [];

    public ScopeAccess Entered => entered;

    /// <summary>With what was planned so far.</summary>
    public StoredRecord? Current { get; private set; }

    /// <summary>What to hand to the store; null while nothing changes.</summary>
    public RecordChange? Change { get; private set; }

    /// <summary>What the store holds, as far as is known.</summary>
    private StoredRecord? Stored { get; set; }

    public bool IsLoaded { get; private set; }

    /// <summary>Whether it is taken to be new and nobody has looked: a write then tells, under its condition.</summary>
    public bool IsAssumed { get; private set; }

    public void Plan(WritePlan.Planned planned)
    {
        Current = planned.Record;
        Change = new RecordChange(planned.Record, Stored?.ETag);
        _writes.Add(planned.Write);
    }

    /// <summary>Begins again on what the store holds.</summary>
    public void Reset(StoredRecord? stored)
    {
        (Stored, Current, Change, IsLoaded, IsAssumed) = (stored, stored, null, true, false);
        _writes.Clear();
    }

    /// <summary>Takes it to be new, which saves a read.</summary>
    public void Assume()
    {
        Reset(null);
        IsAssumed = true;
    }

    /// <summary>Forgets what was planned.</summary>
    public void Reset()
    {
        var isAssumed = IsAssumed;
        Reset(Stored);
        IsAssumed = isAssumed;
    }

    /// <summary>The writes that hooks still have to hear of.</summary>
    public IReadOnlyList<RecordWrite?> Written(StoredRecord record)
    {
        var writes = _writes.ToList();
        Reset(record);
        return writes;
    }
}
