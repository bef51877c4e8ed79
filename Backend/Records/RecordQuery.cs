using Backend.Rules;

namespace Backend.Records;

/// <summary>A page of one collection in one scope, as a store is asked for it. Tombstones are never part of it.</summary>
public sealed record RecordQuery
{
    public required Scope Scope { get; init; }

    public required string Collection { get; init; }

    /// <summary>The rule that every record must satisfy: the store selects by it, so nothing is fetched to be hidden.</summary>
    public required Rule Read { get; init; }

    /// <summary>What the caller wants of those; null for all.</summary>
    public Filter? Filter { get; init; }

    /// <summary>Who asks, for both.</summary>
    public required RuleContext Context { get; init; }

    /// <summary>The page starts behind this id, which need not exist any more; null for the first page.</summary>
    public RecordId? After { get; init; }

    /// <summary>By id, from the last to the first; ids of the server are in the order of creation.</summary>
    public bool Descending { get; init; }

    /// <summary>At most this many records, 1 or more.</summary>
    public required int Limit { get; init; }
}

/// <param name="Records">In the order of the query; ids compare by their bytes.</param>
/// <param name="HasMore">Whether the query has records behind the last one.</param>
public sealed record RecordPage(IReadOnlyList<StoredRecord> Records, bool HasMore);
