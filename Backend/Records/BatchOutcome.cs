using Backend.Http;

namespace Backend.Records;

/// <summary>What became of a batch.</summary>
internal abstract record BatchOutcome
{
    private BatchOutcome()
    {
    }

    /// <summary>Every operation was carried out.</summary>
    /// <param name="Answer">The results, in the order of the operations.</param>
    /// <param name="IsReplay">Whether an earlier attempt of a request with a key was answered so.</param>
    public sealed record Done(StoredAnswer Answer, bool IsReplay = false) : BatchOutcome;

    /// <summary>The batch itself is wrong.</summary>
    public sealed record Invalid(IReadOnlyList<FieldError> Errors) : BatchOutcome;

    /// <summary>These operations would fail alone, too; in the order of the batch.</summary>
    public sealed record Refused(IReadOnlyList<(int Index, RecordOutcome Outcome)> Failures) : BatchOutcome;

    /// <summary>The records together are larger than a batch may be, in bytes as stored.</summary>
    public sealed record TooLarge(int Bytes, int Limit) : BatchOutcome;

    /// <summary>The idempotency key came with another request before.</summary>
    public sealed record KeyReused : BatchOutcome;

    /// <summary>Others kept changing the records; nothing was written.</summary>
    public sealed record Contended : BatchOutcome;
}
