namespace Backend.Records;

/// <summary>A record as stores keep it. A deleted one is a tombstone, which sync delivers as a removal.</summary>
public sealed record StoredRecord
{
    public required RecordKey Key { get; init; }

    /// <summary>The id of the user who created the record.</summary>
    public required string Owner { get; init; }

    /// <summary>Stores keep it to the millisecond.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>Stores keep it to the millisecond. It orders nothing: stores know the order of writes.</summary>
    public required DateTimeOffset UpdatedAt { get; init; }

    public bool Deleted { get; init; }

    /// <summary>
    /// From when on the record is gone: reads no longer return it, its key is free, and the store may forget it. Null
    /// for never. Stores keep it to the millisecond.
    /// </summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>Issued by the store with every write; what a caller puts here is ignored by writes.</summary>
    public ETag ETag { get; init; }

    public required RecordFields Fields { get; init; }

    /// <summary>
    /// What merging has to know of earlier writes: JSON in UTF-8. Null as long as it follows from the other properties, for a
    /// record that was created through the data API and not changed since. Stores keep it as it is and never look inside.
    /// </summary>
    public ReadOnlyMemory<byte>? MergeState { get; init; }

    /// <summary>
    /// Values of fields that the model no longer has: nobody reads them, a write that changes the record keeps them. Null
    /// when there are none. Stores know nothing of them (see <see cref="RetainingRecordStore"/>).
    /// </summary>
    internal RecordFields? Retained { get; init; }
}
