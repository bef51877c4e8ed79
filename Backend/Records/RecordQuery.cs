using Backend.Model;
using Backend.Rules;

namespace Backend.Records;

/// <summary>A page of one collection in one scope, as a store is asked for it.</summary>
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

    /// <summary>Tombstones instead of records; rule and filter are asked about the fields that they still have.</summary>
    public bool Deleted { get; init; }

    /// <summary>
    /// The keys before the id, each name once. The model declares them as an index, else the store may refuse the query
    /// or sort what it finds; for tombstones <c>updatedAt</c> alone always works.
    /// </summary>
    public IReadOnlyList<IndexKey> Sort { get; init; } = [];

    /// <summary>
    /// The id's direction, which is that of the last key of <see cref="Sort"/>. Ids of the server are in the order of
    /// creation.
    /// </summary>
    public bool Descending { get; init; }

    /// <summary>The page starts behind this place; null for the first page.</summary>
    public RecordPosition? After { get; init; }

    /// <summary>At most this many records, 1 or more.</summary>
    public required int Limit { get; init; }
}

/// <param name="Records">
/// In the order of the query: ids and texts by their bytes, false before true, numbers and instants as they are, and what
/// has no value before everything else; the other way round where a key descends.
/// </param>
/// <param name="HasMore">Whether the query has records behind the last one.</param>
/// <param name="Last">The place of the last record; null when there is none.</param>
public sealed record RecordPage(IReadOnlyList<StoredRecord> Records, bool HasMore, RecordPosition? Last)
{
    public static readonly RecordPage Empty = new([], false, null);
}

/// <summary>
/// A place in the order of a query: the keys of a record and its id. The record may be gone or have moved meanwhile.
/// </summary>
/// <param name="Keys">
/// The values of <see cref="RecordQuery.Sort"/>, as the store that made them orders by them: null, <see cref="DBNull"/>
/// for a null that the store tells from a missing value, a bool, long, double or string.
/// </param>
/// <param name="Id">The id.</param>
public sealed record RecordPosition(IReadOnlyList<object?> Keys, RecordId Id);
