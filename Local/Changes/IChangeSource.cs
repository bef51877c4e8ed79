using Backend.Changes;

namespace Local.Changes;

/// <summary>The changes of all records of a store in its order, and how far each handler has come among them.</summary>
internal interface IChangeSource
{
    /// <summary>How long to wait after a look that found nothing; records have no signal of their writes.</summary>
    TimeSpan LookEvery { get; }

    /// <summary>Makes a position for a handler that has none: behind all that is there.</summary>
    Task EstablishAsync(string handler, CancellationToken ct);

    /// <summary>What changed behind the handler's position, oldest first; empty when that is all.</summary>
    Task<ChangeBatch> ReadAsync(string handler, CancellationToken ct);

    /// <summary>Moves a handler's position behind a batch.</summary>
    Task AdvanceAsync(string handler, ChangeBatch batch, CancellationToken ct);
}

/// <param name="Changes">What was written.</param>
/// <param name="Position">Behind them, in the source's own words; null when nothing was read.</param>
internal sealed record ChangeBatch(IReadOnlyList<ChangedRecord> Changes, string? Position);
