using Backend.Hooks;
using Backend.Model;
using Backend.Records;

namespace Backend.Sync.Push;

/// <summary>A record while a request's mutations of it are put together, to be written once.</summary>
internal sealed class WorkingRecord(RecordKey key, CollectionModel collection, ScopeAccess entered)
{
    private List<RecordWrite>? _writes;

    public RecordKey Key => key;

    public CollectionModel Collection => collection;

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

    /// <summary>Whether a mutation of it has to come again: a later one would make that one look as if it had come.</summary>
    public bool IsContended { get; set; }

    /// <summary>Whether a refusal of it is not written down yet: a later write would make that mutation look taken.</summary>
    public bool HasNewRefusal { get; set; }

    public void Plan(WritePlan.Planned planned)
    {
        Current = planned.Record;
        Change = new RecordChange(planned.Record, Stored?.ETag);
        if (planned.Write is { } write)
        {
            (_writes ??= []).Add(write);
        }
    }

    /// <summary>Begins again on what the store holds.</summary>
    public void Reset(StoredRecord? stored)
    {
        (Stored, Current, Change, IsLoaded, IsAssumed) = (stored, stored, null, true, false);
        _writes = null;
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

    /// <summary>Goes on with what was written; returns the writes that hooks still have to hear of.</summary>
    public IReadOnlyList<RecordWrite> Finish(StoredRecord written)
    {
        IReadOnlyList<RecordWrite> writes = _writes ?? [];
        Reset(written);
        return writes;
    }
}
