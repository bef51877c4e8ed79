namespace Backend.Records;

/// <summary>What of a record is answered, and what beside it.</summary>
/// <param name="Fields">Null for everything.</param>
/// <param name="Expanded">Null for nothing.</param>
internal sealed record RecordShape(Projection? Fields, ExpandedRecords? Expanded);
