namespace Backend.Records;

/// <summary>One conditional write of several that are applied together.</summary>
/// <param name="Record">What to write.</param>
/// <param name="Expected">The version that it replaces; null to create a record whose key is unused.</param>
public sealed record RecordChange(StoredRecord Record, ETag? Expected)
{
    /// <exception cref="ArgumentException">No store can apply these changes together.</exception>
    public static void Check(Scope scope, IReadOnlyList<RecordChange> changes, int max)
    {
        if (changes.Count < 1 || changes.Count > max)
        {
            throw new ArgumentException($"Expected 1 to {max} changes, not {changes.Count}.", nameof(changes));
        }

        if (changes.Any(change => change.Record.Key.Scope != scope))
        {
            throw new ArgumentException($"Every change must be of {scope}.", nameof(changes));
        }

        if (changes.DistinctBy(change => change.Record.Key).Count() < changes.Count)
        {
            throw new ArgumentException("A record can be changed once only.", nameof(changes));
        }
    }
}

/// <summary>What became of changes that were to be applied together.</summary>
public abstract record ApplyOutcome
{
    private ApplyOutcome()
    {
    }

    /// <summary>All are durable; the records, in the order of the changes, carry their new ETags.</summary>
    public sealed record Written(IReadOnlyList<StoredRecord> Records) : ApplyOutcome;

    /// <summary>Nothing was written: the condition of one change does not hold.</summary>
    /// <param name="Index">The first such change.</param>
    /// <param name="Current">What the store holds in its place.</param>
    public sealed record Conflict(int Index, StoredRecord? Current) : ApplyOutcome;
}
