using Backend.Records;

namespace Backend.Changes;

/// <summary>A write that a store's change feed tells of.</summary>
/// <param name="Key">What was written.</param>
/// <param name="ETag">The version that was written: a record that has another one by now comes again, later in the feed.</param>
public sealed record ChangedRecord(RecordKey Key, ETag ETag);
